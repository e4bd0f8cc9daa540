"""The parts of a case that owner and manager both look at: identity, bills, verdict."""

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.phrases import phrase, reason
from api.views import (
    CheckView,
    DecisionView,
    Evidence,
    HealthDriver,
    HealthView,
    IdentityView,
    InvoiceMonthView,
    MonthRevenue,
    PriceView,
    Reason,
    StatementView,
    WayView,
)
from db import invoices, people, reading
from db.reading import RevenueMonth
from db.tables import Application, Decision, IdentityCheck, StatementFile
from infra.crypto import PersonKey
from lending.calendars import months_told
from lending.consents import Purpose
from lending.parties import PartyKind
from lending.profiles import EvidenceProfile

BILLS, INVOICES = Purpose.FLOWS_ANALYSIS.value, Purpose.INVOICES_ANALYSIS.value


async def identity(session: AsyncSession, caller: Caller, application: Application) -> IdentityView:
    """Who applies. Numbers stay masked, for the owner too: what is on a screen is seen by more than one."""
    vault = caller.tools.vault
    who = await people.identity_of(session, vault, application.person_id)
    firm = await people.firm_of(session, vault, application.firm_id) if application.firm_id else None
    account = await reading.account(session, application.bank_account_id) if application.bank_account_id else None
    checks = await people.checks_of(session, application)
    kind = PartyKind(firm.kind) if firm else PartyKind.SELF_EMPLOYED
    return IdentityView(
        kind=firm.kind if firm else None,
        name=who.name,
        id_number_masked=people.masked_id_number(who.id_number) if who.id_number else None,
        firm_name=firm.name if firm else None,
        licence_masked=people.masked_id_number(firm.licence) if firm and firm.licence else None,
        account_masked=account.masked if account else None,
        bank=account.bank if account else None,
        trade=firm.trade if firm else None,
        capacity=firm.capacity if firm else None,
        checks=_checks(caller.tools.policies.profiles[kind], checks),
    )


def _checks(profile: EvidenceProfile, found: dict[str, IdentityCheck]) -> tuple[CheckView, ...]:
    views: list[CheckView] = []
    for needed in profile.checks:
        row = found.get(needed.value)
        if row is None:
            views.append(CheckView(needed.value, "missing"))
        else:
            views.append(CheckView(row.kind, row.outcome, row.answered_at, row.valid_until))
    return tuple(views)


async def evidence(
    session: AsyncSession,
    caller: Caller,
    application: Application,
    *,
    everything: bool = False,
    closed: Collection[str] = (),
) -> Evidence:
    """All bills together, as the decision will read them; with ``everything`` also those that the owner put away.

    ``closed``: purposes that the owner does not allow (any more); of their sources nothing is read.
    """
    vault = caller.tools.vault
    uploads = await reading.files(session, application.id)
    files = [file for file in uploads if everything or not (file.problem_params or {}).get("dismissed")]
    key = await people.key_of(session, vault, application.person_id)
    firm_id = application.firm_id
    months = await reading.revenue_months(session, firm_id) if firm_id and BILLS not in closed else []
    needed = caller.tools.policies.policy(application.product_id).months_of_history
    issued = await invoices.months(session, firm_id) if firm_id and INVOICES not in closed else []
    sold = [month for month in issued if month.sales]
    covered = max(
        months_told(months[0].first_day, months[-1].last_day, len(months)) if months else 0,
        months_told(sold[0].first_day, sold[-1].last_day, len(sold)) if sold else 0,
    )
    summaries = [file.summary or {} for file in files if file.state == "read"]
    return Evidence(
        files=tuple(_file(caller, key, file) for file in files),
        months=_months(months),
        months_covered=covered,
        months_needed=needed,
        lines=sum(month.lines for month in months),
        duplicates=sum(int(summary.get("duplicates", 0)) for summary in summaries),
        not_understood=sum(int(summary.get("not_understood_count", 0)) for summary in summaries),
        currency=application.currency,
        enough=covered >= needed,
        invoices=tuple(
            InvoiceMonthView(one.month, one.sales, one.purchases, one.sales_minor, one.purchases_minor)
            for one in issued
        ),
    )


def _file(caller: Caller, key: PersonKey, file: StatementFile) -> StatementView:
    return StatementView(
        id=file.id,
        name=caller.tools.vault.open(key, people.FILE_NAME, file.id, file.name_sealed),
        size=file.size,
        sha256=file.sha256,
        state=file.state,
        problem=file.problem,
        problem_params=file.problem_params,
        summary=file.summary,
        received_at=file.received_at,
        read_at=file.read_at,
        holds=file.holds,
    )


def _months(found: Sequence[RevenueMonth]) -> tuple[MonthRevenue, ...]:
    first = min((month.first_day for month in found), default=date.min)
    last = max((month.last_day for month in found), default=date.min)
    return tuple(
        MonthRevenue(
            month=month.month,
            sales_minor=month.sales_minor,
            refunds_minor=month.refunds_minor,
            net_minor=month.sales_minor - month.refunds_minor,
            # The bills reach over both ends of it: they begin before it or on its first day, and go on after it.
            whole=first <= month.month and last >= _last_day(month.month),
        )
        for month in found
    )


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def reasons(rows: Sequence[dict[str, object]], locale: str, *, staff: bool = False) -> tuple[Reason, ...]:
    """Stored reasons (``code``, ``params``) in words: those that speak to the owner, or those for ``staff``."""
    return tuple(reason(str(row["code"]), _params(row.get("params")), locale, staff=staff) for row in rows)


def _params(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]


def decision(row: Decision, application: Application, locale: str, before: Decision | None = None) -> DecisionView:
    """A verdict as its owner sees it. ``before``: the assessment that its health is compared with."""
    return DecisionView(
        id=row.id,
        n=row.n,
        outcome=row.outcome,
        reasons=reasons(row.reasons, locale),
        path_to_yes=_path(row, application, locale),
        limit_minor=row.limit_minor,
        currency=application.currency,
        decided_by="model" if row.decided_by == "model" else "person",
        decided_at=row.decided_at,
        health=health(row, locale, before),
        ways_to_yes=ways(row, application, locale),
        ways_to_lower_price=ways_to_lower_price(row, application, locale),
        left_out=left_out(row, locale),
    )


PRICE_REASONS_AT_MOST = 2


def price(row: Decision, best_rate: Decimal, locale: str) -> PriceView | None:
    """What a yes costs and what of the firm made it so; nothing is said of a price that a person set or none has."""
    if row.outcome != "approve" or row.annual_rate is None or row.decided_by != "model":
        return None
    found: Sequence[dict[str, Any]] = (row.basis or {}).get("score", {}).get("reasons", ())
    raised = sorted((one for one in found if Decimal(one["weight"]) > 0), key=lambda one: -Decimal(one["weight"]))
    dearer = row.annual_rate > best_rate
    return PriceView(
        annual_rate=row.annual_rate,
        best_rate=best_rate,
        because=tuple(
            reason(str(one["code"]), dict(one["params"]), locale) for one in raised[:PRICE_REASONS_AT_MOST] if dearer
        ),
    )


def left_out(row: Decision, locale: str) -> tuple[Reason, ...]:
    """The sources that a decision did not read, as their owner did not allow it."""
    sources: Sequence[str] = (row.basis or {}).get("left_out", ())
    return tuple(Reason(source, {}, phrase(f"lending.left_out.{source}", locale, {})) for source in sources)


def health(row: Decision, locale: str, before: Decision | None = None) -> HealthView | None:
    """How healthy the business looked when ``row`` was decided, and what has changed since ``before``."""
    found = row.health
    if not found:
        return None
    earlier = before.health if before is not None and before.model_id == row.model_id else None
    points = {one["area"]: int(one["points"]) for one in earlier["drivers"]} if earlier else {}
    return HealthView(
        index=int(found["index"]),
        similar=str(found["similar"]),
        drivers=tuple(_driver(one, points.get(str(one["area"])), locale) for one in found["drivers"]),
        assessed_at=row.decided_at,
        index_before=int(earlier["index"]) if earlier else None,
        before_at=before.decided_at if before is not None and earlier else None,
    )


def _driver(one: dict[str, Any], before: int | None, locale: str) -> HealthDriver:
    told = reason(str(one["reason"]), {"figure": one["figure"]}, locale).text if one["reason"] else None
    return HealthDriver(
        area=str(one["area"]),
        name=phrase(f"scoring.area.{one['area']}", locale, {}),
        points=int(one["points"]),
        better_than=one["better_than"],
        reason=told,
        advice=phrase(f"scoring.advice.{one['advice']}", locale, {}) if one["advice"] else None,
        change=None if before is None else int(one["points"]) - before,
    )


def ways(row: Decision, application: Application, locale: str) -> tuple[WayView, ...]:
    """The ways to a yes that were kept with a decision, the least effort first."""
    return () if row.outcome == "approve" else _ways(row, application, locale)


def ways_to_lower_price(row: Decision, application: Application, locale: str) -> tuple[WayView, ...]:
    """What would make the loan of a yes cheaper, the least effort first."""
    return _ways(row, application, locale) if row.outcome == "approve" else ()


def _ways(row: Decision, application: Application, locale: str) -> tuple[WayView, ...]:
    return tuple(_way(way, application, locale) for way in row.ways_to_yes or ())


def _way(way: dict[str, Any], application: Application, locale: str) -> WayView:
    changes = [{**change, "currency": application.currency} for change in way["changes"]]
    return WayView(
        changes=tuple(
            Reason(kind := str(change["kind"]), change, phrase(f"lending.change.{kind}", locale, change))
            for change in changes
        ),
        how=tuple(phrase(f"lending.change_how.{change['kind']}", locale, change) for change in changes),
        outcome=str(way["outcome"]),
        amount_minor=int(way["lent_minor"]),
        months=int(way["lent_months"]),
        annual_rate=None if way["annual_rate"] is None else Decimal(way["annual_rate"]),
    )


def _path(row: Decision, application: Application, locale: str) -> Reason | None:
    if row.path_to_yes is None:
        return None
    params = {**row.path_to_yes, "currency": application.currency}
    kind = str(row.path_to_yes["kind"])
    return Reason(kind, params, phrase(f"lending.path.{kind}", locale, params))
