"""The firms' book: who they are, how their lives are planned, whether they have a loan and how far they have traded."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Literal

from simulators import callbacks
from simulators.firms.account_bills import account_bill
from simulators.firms.bills import Holder, bill
from simulators.firms.life import Event, Life, Plan, life_of

Kind = Literal["sole_trader", "company"]
SCHEMA = f"""
create table if not exists firm (
    firm_id text primary key,
    content_hash text not null,
    record text not null,
    account text unique not null,
    trading_since text,              -- the business day on which its loan arrived
    loan_minor integer not null default 0,
    traded_through text,
    at real not null
);
create table if not exists trading (  -- a call to trade: planned, then settled at the rail, then told to the lender
    batch_id text primary key,
    settlement text not null,
    told text not null,
    settled_at real,
    callback integer
);
create table if not exists cursor (name text primary key, n integer not null);
{callbacks.SCHEMA}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """``bills_until``: the last day of the bills that are handed out unasked."""

    firm_id: str
    shop: str
    owner: str
    phone: str
    id_number: str
    account: str
    licence: str
    plan: Plan
    bills_until: date
    shows: str | None = None  # what a demo firm is for: the key of a text
    kind: Kind = "sole_trader"  # of a company, ``owner`` is the legal representative and the account the firm's own

    @property
    def life(self) -> Life:
        return life_of(self.plan)

    @property
    def holder(self) -> Holder:
        return Holder(self.payee, self.phone, self.account, self.plan.trade)

    @property
    def payee(self) -> str:
        """In whose name the account stands."""
        return self.shop if self.kind == "company" else self.owner

    @property
    def bill_names(self) -> tuple[str, ...]:
        """What its money goes through: two wallets, or a company's own account."""
        return ("account",) if self.kind == "company" else ("wechat", "alipay")

    def bill(self, name: str, first: date, last: date) -> bytes:
        """The export of one of :attr:`bill_names`."""
        if name == "account":
            return account_bill(self.life, self.holder, first, last)
        return bill(self.life, self.holder, "wechat" if name == "wechat" else "alipay", first, last)

    def to_json(self) -> str:
        plan = self.plan
        return json.dumps(
            {
                "shop": self.shop,
                "owner": self.owner,
                "phone": self.phone,
                "id_number": self.id_number,
                "account": self.account,
                "licence": self.licence,
                "bills_until": self.bills_until.isoformat(),
                "shows": self.shows,
                "kind": self.kind,
                "plan": {
                    "seed": plan.seed,
                    "trade": plan.trade,
                    "monthly_sales": plan.monthly_sales,
                    "health": plan.health,
                    "opened_on": plan.opened_on.isoformat(),
                    "fails_on": plan.fails_on.isoformat() if plan.fails_on else None,
                    "events": [[e.kind, e.first.isoformat(), e.last.isoformat(), e.share] for e in plan.events],
                },
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, firm_id: str, text: str) -> "Firm":
        record = json.loads(text)
        plan = record["plan"]
        return cls(
            firm_id=firm_id,
            shop=record["shop"],
            owner=record["owner"],
            phone=record["phone"],
            id_number=record["id_number"],
            account=record["account"],
            licence=record["licence"],
            bills_until=date.fromisoformat(record["bills_until"]),
            shows=record["shows"],
            kind=record.get("kind", "sole_trader"),
            plan=Plan(
                seed=plan["seed"],
                trade=plan["trade"],
                monthly_sales=plan["monthly_sales"],
                health=plan["health"],
                opened_on=date.fromisoformat(plan["opened_on"]),
                fails_on=date.fromisoformat(plan["fails_on"]) if plan["fails_on"] else None,
                events=tuple(
                    Event(kind, date.fromisoformat(first), date.fromisoformat(last), share)
                    for kind, first, last, share in plan["events"]
                ),
            ),
        )


def firm_of(book: sqlite3.Connection, firm_id: str) -> Firm | None:
    row = book.execute("select record from firm where firm_id = ?", (firm_id,)).fetchone()
    return None if row is None else Firm.from_json(firm_id, row["record"])


def firms_of(book: sqlite3.Connection, *, demo: bool = False) -> list[Firm]:
    rows = book.execute("select firm_id, record from firm order by at, rowid").fetchall()
    firms = [Firm.from_json(row["firm_id"], row["record"]) for row in rows]
    return [firm for firm in firms if firm.shows] if demo else firms


def keep(book: sqlite3.Connection, firm: Firm, content_hash: str, at: float) -> None:
    book.execute(
        "insert into firm (firm_id, content_hash, record, account, at) values (?, ?, ?, ?, ?)",
        (firm.firm_id, content_hash, firm.to_json(), firm.account, at),
    )
