"""What pandas, polars and duckdb are asked for when many firms' lines are read: the sums that features rest on.

    python -m ops.bench.aggregating NAME FILE

reads arrays from an npz file, aggregates once and prints seconds and the most memory that the process ever held.

Each computes the same five tables that ``scoring.features_lines`` and ``scoring.features_flows`` gather, from lines of
any day up to each firm's as-of date, the last 364 days of them: (1) first and last day by firm; (2) number of lines,
unnamed and round ones, money in, out and between own accounts by firm; (3) amounts and numbers by firm, block of 28
days and category; (4) sales and refunds by firm and day; (5) by firm and named party sales, purchases, private spending
and loans, and of those by firm concentration, returning buyers, lenders and money that went back. What follows from the
sums (trends, rhythm, gaps, season, weekdays, punctual rent) is ours alone and is in our time.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.evidence import Evidence
from scoring.features import features_of_many
from scoring.features_lines import BORROWED, CATEGORY, PURCHASES, REFUNDS, REPAID, SALES, SPENT
from scoring.lines import TRANSFER_SELF, Floats, Lines
from scoring.series import BLOCK, DAYS, MONTH_DAYS

OURS = "huoshui"
COLUMNS = ("firm", "day", "direction", "amount_minor", "kind", "counterparty")
ROUND = 10_000
QUERIES = """
create temp table known as select l.*, max(day) over (partition by firm) - day as age
    from lines l join firms using (firm) where day <= as_of;
create temp table recent as select k.*, category, age // $block as block
    from known k join kinds using (kind, direction) where age < $days;
select firm, min(day) as first, max(day) as last from known group by firm;
select firm, count(*) as lines, count(*) filter (counterparty = 0) as unnamed,
    count(*) filter (amount_minor % $round = 0 and amount_minor > 0) as even,
    coalesce(sum(amount_minor) filter (direction = 1 and kind <> $own), 0)::double as came,
    coalesce(sum(amount_minor) filter (direction = -1 and kind <> $own), 0)::double as went,
    coalesce(sum(amount_minor) filter (kind = $own), 0)::double as own from recent group by firm;
select firm, block, category, sum(amount_minor)::double as amount, count(*) as lines from recent group by all;
select firm, age, category, sum(amount_minor)::double as amount from recent
    where category in ($sales, $refunds) group by all;
select firm, sum(sold * sold) / nullif(sum(sold), 0) ** 2 as buyers,
    sum(bought * bought) / nullif(sum(bought), 0) ** 2 as suppliers,
    1 - count(*) filter (times > 0) / nullif(sum(times), 0) as returning, count(*) filter (lent) as lenders,
    sum(least(sold, bought + spent)) / nullif(sum(sold), 0) as back from (
        select firm, coalesce(sum(amount_minor) filter (category = $sales), 0)::double as sold,
            coalesce(sum(amount_minor) filter (category = $purchases), 0)::double as bought,
            coalesce(sum(amount_minor) filter (category = $spent), 0)::double as spent,
            count(*) filter (category = $sales) as times, bool_or(category in ($borrowed, $repaid)) as lent
        from recent where counterparty <> 0 group by firm, counterparty) group by firm
"""
Columns = Mapping[str, NDArray[Any]]
Tables = tuple[Columns, ...]


def huoshui(lines: Columns, limit: NDArray[Any]) -> Any:
    """All features of all firms, as training and pre-scores read them."""
    return features_of_many(Evidence(Lines(**dict(lines))), limit.astype("datetime64[D]"))


def polars(lines: Columns, limit: NDArray[Any]) -> Tables:
    """One lazy plan whose parts are shared; lines are told to be in order of firm."""
    pl = import_module("polars")
    c = pl.col
    kinds = pl.LazyFrame(_kinds()).cast({"kind": pl.Int8, "direction": pl.Int8})
    firms = pl.LazyFrame({"firm": np.arange(len(limit), dtype=np.int32), "as_of": limit})
    known = pl.LazyFrame(dict(lines)).with_columns(c.firm.set_sorted()).join(firms, on="firm")
    known = known.filter(c.day <= c.as_of).with_columns(age=c.day.max().over("firm") - c.day)
    recent = known.filter(c.age < DAYS).join(kinds, on=["kind", "direction"]).with_columns(block=c.age // BLOCK)
    own, amount = c.kind == TRANSFER_SELF, c.amount_minor
    parties = (
        recent.filter(c.counterparty != 0)
        .group_by("firm", "counterparty")
        .agg(
            sold=amount.filter(c.category == SALES).sum().cast(pl.Float64),
            bought=amount.filter(c.category == PURCHASES).sum().cast(pl.Float64),
            spent=amount.filter(c.category == SPENT).sum().cast(pl.Float64),
            times=(c.category == SALES).sum(),
            lent=c.category.is_in([BORROWED, REPAID]).any(),
        )
        .with_columns(back=pl.min_horizontal(c.sold, c.bought + c.spent))
        .group_by("firm")
        .agg(
            buyers=(c.sold * c.sold).sum() / c.sold.sum() ** 2,
            suppliers=(c.bought * c.bought).sum() / c.bought.sum() ** 2,
            returning=1 - (c.times > 0).sum() / c.times.sum(),
            lenders=c.lent.sum(),
            back=c.back.sum() / c.sold.sum(),
        )
    )
    plans = (
        known.group_by("firm").agg(first=c.day.min(), last=c.day.max()),
        recent.group_by("firm").agg(
            lines=pl.len(),
            unnamed=(c.counterparty == 0).sum(),
            even=((amount % ROUND == 0) & (amount > 0)).sum(),
            came=amount.filter((c.direction == 1) & ~own).sum(),
            went=amount.filter((c.direction == -1) & ~own).sum(),
            own=amount.filter(own).sum(),
        ),
        recent.group_by("firm", "block", "category").agg(amount=amount.sum(), lines=pl.len()),
        recent.filter(c.category.is_in([SALES, REFUNDS])).group_by("firm", "age", "category").agg(amount=amount.sum()),
        parties,
    )
    return tuple({name: one[name].to_numpy() for name in one.columns} for one in pl.collect_all(plans))


def duckdb(lines: Columns, limit: NDArray[Any]) -> Tables:
    """Two tables in memory, then a query for each table."""
    import pandas as pd

    numbers = {"sales": SALES, "refunds": REFUNDS, "purchases": PURCHASES, "spent": SPENT, "borrowed": BORROWED}
    numbers |= {"repaid": REPAID, "own": TRANSFER_SELF, "block": BLOCK, "days": DAYS, "round": ROUND}
    *made, span, flows, blocks, daily, parties = Template(QUERIES).substitute(numbers).split(";")
    with import_module("duckdb").connect() as asked:
        asked.register("lines", pd.DataFrame(dict(lines)))
        asked.register("firms", pd.DataFrame({"firm": np.arange(len(limit), dtype=np.int32), "as_of": limit}))
        asked.register("kinds", pd.DataFrame(_kinds()))
        for statement in made:
            asked.execute(statement)
        return tuple(
            {name: np.ma.filled(column.astype(np.float64), np.nan) for name, column in one.items()}
            for one in (asked.execute(query).fetchnumpy() for query in (span, flows, blocks, daily, parties))
        )


def pandas(lines: Columns, limit: NDArray[Any]) -> Tables:
    """Groups without sorting; what belongs to one group is added up in one go."""
    pd: Any = import_module("pandas")

    whole = pd.DataFrame(dict(lines))
    known = whole[whole.day.to_numpy() <= limit[whole.firm.to_numpy()]]
    days = known.groupby("firm", sort=False).day
    span = days.agg(["min", "max"]).rename(columns={"min": "first", "max": "last"})
    age = days.transform("max") - known.day
    recent = known.assign(age=age)[age < DAYS]
    category = CATEGORY[recent.kind, recent.direction + 1]
    recent = recent.assign(category=category, block=recent.age // BLOCK)
    own, amount = recent.kind == TRANSFER_SELF, recent.amount_minor
    flows = recent.assign(
        lines=1,
        unnamed=recent.counterparty == 0,
        even=(amount % ROUND == 0) & (amount > 0),
        came=amount.where((recent.direction == 1) & ~own, 0),
        went=amount.where((recent.direction == -1) & ~own, 0),
        own=amount.where(own, 0),
    )
    flows = flows.groupby("firm", sort=False)[["lines", "unnamed", "even", "came", "went", "own"]].sum()
    blocks = recent.groupby(["firm", "block", "category"], sort=False).amount_minor.agg(["sum", "size"])
    traded = recent[recent.category.isin([SALES, REFUNDS])]
    daily = traded.groupby(["firm", "age", "category"], sort=False).amount_minor.sum()
    named = recent[recent.counterparty != 0]
    paid = named.amount_minor.astype(np.float64)
    party = named.assign(
        sold=paid.where(named.category == SALES, 0.0),
        bought=paid.where(named.category == PURCHASES, 0.0),
        spent=paid.where(named.category == SPENT, 0.0),
        times=named.category == SALES,
        lent=named.category.isin([BORROWED, REPAID]),
    )
    party = party.groupby(["firm", "counterparty"], sort=False)[["sold", "bought", "spent", "times", "lent"]].sum()
    party = party.assign(
        sold_squares=party.sold**2,
        bought_squares=party.bought**2,
        buyers=party.times > 0,
        lenders=party.lent > 0,
        back=np.minimum(party.sold, party.bought + party.spent),
    )
    party = party.groupby("firm", sort=False).sum()
    parties = pd.DataFrame(
        {
            "buyers": party.sold_squares / party.sold**2,
            "suppliers": party.bought_squares / party.bought**2,
            "returning": 1 - party.buyers / party.times,
            "lenders": party.lenders,
            "back": party.back / party.sold,
        }
    )
    tables = (
        span,
        flows,
        blocks.rename(columns={"sum": "amount", "size": "lines"}),
        daily.rename("amount").to_frame(),
        parties,
    )
    return tuple({name: one[name].to_numpy() for name in one} for one in (table.reset_index() for table in tables))


PEERS: dict[str, Callable[[Columns, NDArray[Any]], Tables]] = {"polars": polars, "duckdb": duckdb, "pandas": pandas}


def told_by(tables: Tables, firms: int) -> dict[str, Floats]:
    """Some features out of a peer's sums, each from another table: what a check compares with ours."""
    span, flows, blocks, daily, parties = tables

    def of(table: Columns, name: str) -> Floats:
        out = np.full(firms, np.nan)
        out[table["firm"].astype(np.int64)] = table[name]
        return out

    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.minimum(of(span, "last") - of(span, "first") + 1, DAYS)
        sales = np.zeros((firms, 1 + int(blocks["category"].max())))
        np.add.at(sales, (blocks["firm"].astype(np.int64), blocks["category"].astype(np.int64)), blocks["amount"])
        sold = (daily["category"] == SALES) & (daily["amount"] > 0)
        opened = np.bincount(daily["firm"][sold].astype(np.int64), minlength=firms)
        came, went = of(flows, "came"), of(flows, "went")
        return {
            "sales_level": np.log10((sales[:, SALES] - sales[:, REFUNDS]) / days * MONTH_DAYS / 100),
            "purchase_ratio": sales[:, PURCHASES] / (sales[:, SALES] - sales[:, REFUNDS]),
            "closed_days": 1 - opened / days,
            "net_flow": np.clip((came - went) / came, -1, 1),
            "unnamed_lines": of(flows, "unnamed") / of(flows, "lines"),
            "round_amounts": of(flows, "even") / of(flows, "lines"),
            "self_transfers": np.minimum(of(flows, "own") / came, 5.0),
            "buyer_concentration": of(parties, "buyers"),
            "supplier_concentration": of(parties, "suppliers"),
            "regular_customers": of(parties, "returning"),
            "lenders": of(parties, "lenders"),
            "round_trips": of(parties, "back"),
        }


def _kinds() -> dict[str, NDArray[Any]]:
    """Category by kind and direction, as a table to join with."""
    kind, direction = np.indices(CATEGORY.shape)
    return {
        "kind": kind.ravel().astype(np.int8),
        "direction": (direction.ravel() - 1).astype(np.int8),
        "category": CATEGORY.ravel(),
    }


def main() -> None:
    name, file = sys.argv[1:]
    told = np.load(file)
    lines, limit = {column: told[column] for column in COLUMNS}, told["limit"]
    act = huoshui if name == OURS else PEERS[name]
    few = lines["firm"] < 50
    act({column: values[few] for column, values in lines.items()}, limit[:50])  # what a library loads is nobody's time
    begun = time.perf_counter()
    act(lines, limit)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
