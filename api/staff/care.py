"""What the desk reads of the care for models and customers: the nights' figures, overrides, fairness."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from api.caller import Caller
from api.views import BesideLine, CauseLine, FairnessReport, GapLine, GroupLine, OverrideReport, PriceLine, WatchLine
from db import beside, clocks, overrides, scoring_models, watching
from db.beside import Pair
from db.overrides import Review

A_YEAR = timedelta(days=365)


async def watched(caller: Caller) -> tuple[WatchLine, ...]:
    """The newest night's figures of every model at work."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await watching.newest(session)
    return tuple(
        WatchLine(
            on=row.on_date,
            model_id=row.model_id,
            measure=row.measure,
            subject=row.subject,
            value=row.value,
            expected=row.expected,
            low=row.low,
            high=row.high,
            count=row.count,
            state=row.state,
        )
        for row in rows
    )


async def beside_champion(caller: Caller) -> tuple[BesideLine, ...]:
    """Challenger and shadows beside the champion, each on the decisions of which both said something."""
    tools = caller.tools
    horizon = tools.policies.care.calibration.horizon_days
    async with tools.sessions.begin(scope="staff") as session:
        champion = await scoring_models.champion(session)
        if champion is None:
            return ()
        on = (await clocks.now(session, tools.settings.clock_id)).date()
        others = [row for row in await scoring_models.all_models(session) if row.role in ("challenger", "shadow")]
        found = [(row, await beside.pairs(session, champion.id, row.id, on, horizon)) for row in others]
    return tuple(_beside(row.id, row.role, pairs, caller) for row, pairs in found)


def _beside(model_id: str, role: str, pairs: Sequence[Pair], caller: Caller) -> BesideLine:
    book = caller.tools.policies
    gaps = [pair.other - pair.champion for pair in pairs]
    over = [pair for pair in pairs if pair.bad is not None]
    grades = [
        (policy.grade_of(pair.champion), policy.grade_of(pair.other))
        for pair in pairs
        if (policy := book.policy(pair.product_id))
    ]
    return BesideLine(
        model_id=model_id,
        role=role,
        decisions=len(pairs),
        same_grade=sum(one == other for one, other in grades),
        gap=_mean(gaps),
        widest=max(map(abs, gaps), default=None),
        loans=len(over),
        bad=sum(bool(pair.bad) for pair in over),
        champion_expected=_mean([pair.champion for pair in over]),
        expected=_mean([pair.other for pair in over]),
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.0001")) if values else None


async def override_report(caller: Caller) -> OverrideReport:
    """A year of reviews: overrides by cause, and what became of the loans."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        since = now - A_YEAR
        reviews = await overrides.reviews(session, since)
    against = [one for one in reviews if one.override]
    causes = Counter(one.cause or "other" for one in against)
    return OverrideReport(
        since=since.date(),
        reviews=len(reviews),
        with_leaning=sum(one.leaning is not None for one in reviews),
        overrides=len(against),
        changed_views=sum(bool(one.view) and one.view != one.verdict for one in reviews),
        causes=tuple(_cause(cause, against) for cause, _ in causes.most_common()),
    )


def _cause(cause: str, against: Sequence[Review]) -> CauseLine:
    mine = [one for one in against if (one.cause or "other") == cause]
    later = Counter(one.later for one in mine)
    approved = sum(one.verdict == "approve" for one in mine)
    return CauseLine(
        cause=cause,
        overrides=len(mine),
        approved=approved,
        declined=len(mine) - approved,
        good=later["good"],
        bad=later["bad"],
        running=later["running"],
    )


async def fairness_report(caller: Caller) -> FairnessReport:
    """The newest night's report."""
    rules = caller.tools.policies.care.fairness
    async with caller.tools.sessions.begin(scope="staff") as session:
        told = await watching.newest_night(session, "fairness", caller.tools.settings.jurisdiction)
    if told is None:
        return FairnessReport(None, rules.window_days, 0, 0, (), ())
    return FairnessReport(
        as_of=date.fromisoformat(told["as_of"]),
        window_days=told["window_days"],
        decisions=told["decisions"],
        differences=told["differences"],
        groups=tuple(_group(one) for one in told["groups"]),
        two_prices=tuple(
            PriceLine(one["terms"], tuple(Decimal(str(price)) for price in one["prices"]), one["firms"])
            for one in told["two_prices"]
        ),
    )


def _group(said: dict[str, Any]) -> GroupLine:
    return GroupLine(
        kind=said["kind"],
        group=said["group"],
        firms=said["firms"],
        approved=said["approved"],
        rate_low=Decimal(str(said["rate_low"])),
        rate_high=Decimal(str(said["rate_high"])),
        gaps=tuple(
            GapLine(
                measure=gap["measure"],
                gap=Decimal(str(gap["gap"])),
                low=Decimal(str(gap["low"])),
                high=Decimal(str(gap["high"])),
                firms=gap["firms"],
                found=gap["found"],
            )
            for gap in said["gaps"]
        ),
    )
