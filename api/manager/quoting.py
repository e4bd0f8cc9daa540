"""What a manager may tell somebody it costs: the catalogue's facts and nothing else (journey 2, B7)."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.looking import look
from api.owner.shopping import MOST_REVENUE_MINOR, chosen_terms, product_of
from api.phrases import phrase
from api.problems import NotFound
from api.simulating import simulation
from api.views import CatalogueTerm, QuoteAttempt, QuoteView
from db import applications, clocks, quotes, reading
from db.tables import Application, Quote
from infra import i18n
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.refusals import RateOutsideCatalogue


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants to hear. ``annual_rate``: one that the catalogue has for the product; ``application_id``: of
    whoever hears it, if it is a customer."""

    product_id: str
    amount_minor: int
    months: int
    share: Decimal
    monthly_revenue_minor: int
    annual_rate: Decimal
    application_id: UUID | None = None


async def catalogue(caller: Caller) -> tuple[CatalogueTerm, ...]:
    """Every product in force with all that it may cost."""
    book = caller.tools.policies
    found: list[CatalogueTerm] = []
    for product in book.products.values():
        policy = book.policy(product.id)
        lowest, highest = policy.prices()
        rates = {"lowest_rate": lowest, "highest_rate": highest}
        found.append(
            CatalogueTerm(
                product_id=product.id,
                name=i18n.text(product.name_key, caller.locale),
                card=phrase(f"{product.name_key}.card", caller.locale, rates),
                currency=product.amounts.currency,
                lowest_minor=product.amounts.lowest_minor,
                highest_minor=product.amounts.highest_minor,
                shortest_months=product.months.shortest,
                longest_months=product.months.longest,
                lowest_share=product.share.lowest,
                highest_share=product.share.highest,
                rates=tuple(sorted(policy.rates())),
                prepayment_fee_rate=product.price.prepayment_fee_rate,
                policy_version=book.version,
            )
        )
    return tuple(found)


async def quote(caller: Caller, ask: Ask, key: str) -> QuoteView:
    """The facts of one choice, kept with their hash. A rate that the catalogue does not have is refused, and that it
    was asked for stays on record: for the trail, and for the desk."""
    tools = caller.tools
    product = product_of(caller, ask.product_id)
    form = fields.Form()
    if not 0 < ask.monthly_revenue_minor <= MOST_REVENUE_MINOR:
        form.refuse("monthly_revenue", "too_small" if ask.monthly_revenue_minor <= 0 else "too_large")
    if ask.annual_rate not in tools.policies.policy(product.id).rates():
        await _refuse(caller, ask, key)
    priced = product.priced(ask.annual_rate, None)
    terms = chosen_terms(priced, form, amount_minor=ask.amount_minor, months=ask.months, share=ask.share)
    made = uuid4()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        today = business_date(now, Jurisdiction(tools.settings.jurisdiction))
        calendar = tools.policies.calendars[tools.settings.jurisdiction]
        shown = simulation(terms, ask.monthly_revenue_minor, (), today, calendar=calendar)
        normal = next(one for one in shown.weathers if one.kind == "normal")
        facts: Json = {
            **_asked(ask),
            "currency": terms.currency,
            "finish_on": normal.finish_on.isoformat() if normal.finish_on else None,
            "total_interest_minor": normal.total_interest_minor,
            "total_minor": normal.total_minor,
            "policy_version": tools.policies.version,
        }
        digest = hashlib.sha256(rfc8785.dumps(facts)).hexdigest()
        told = await _customer(session, caller, ask)
        row = _row(caller, ask, made, now, state="given", facts_sha256=digest)
        await quotes.keep(session, row)
        detail = {"product": ask.product_id, "annual_rate": str(ask.annual_rate), "sha256": digest}
        await noted(session, caller, "quote.given", "quote", str(made), detail)
        if told is not None:
            # What a customer was told stands in their story: nobody said something else later.
            line = {
                "product": ask.product_id,
                "amount_minor": ask.amount_minor,
                "months": ask.months,
                "annual_rate": str(ask.annual_rate),
                "interest_minor": normal.total_interest_minor,
                "currency": terms.currency,
            }
            event_id = derived_id("timeline", f"{made}/quoted")
            await applications.tell(
                session, told, event_id=event_id, kind="quoted", actor="manager", at=now, params=line
            )
        return {**facts, "id": str(made), "sha256": digest, "made_at": now.isoformat()}

    said = await perform(caller, "manager.quote", key, plain(ask), act, scope="staff", object_id=str(made))
    return _view(caller, said)


async def _customer(session: AsyncSession, caller: Caller, ask: Ask) -> Application | None:
    """Whoever hears it; :class:`NotFound` for nobody, and the look is on record."""
    if ask.application_id is None:
        return None
    application = await reading.application(session, ask.application_id)
    if application is None:
        raise NotFound
    await look(session, caller, application, "quote")
    return application


async def _refuse(caller: Caller, ask: Ask, key: str) -> None:
    """Write the attempt down, whatever becomes of the answer, and say no."""
    made = uuid4()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await _customer(session, caller, ask)
        await quotes.keep(session, _row(caller, ask, made, now, state="refused", facts_sha256=None))
        detail = {"product": ask.product_id, "annual_rate": str(ask.annual_rate), "amount_minor": ask.amount_minor}
        await noted(session, caller, "quote.refused", "quote", str(made), detail)
        return {"refused": True}

    await perform(caller, "manager.quote_refused", key, plain(ask), act, scope="staff", object_id=str(made))
    raise RateOutsideCatalogue(annual_rate=str(ask.annual_rate), product=ask.product_id)


def _asked(ask: Ask) -> Json:
    return {
        "product_id": ask.product_id,
        "amount_minor": ask.amount_minor,
        "months": ask.months,
        "share": str(ask.share),
        "monthly_revenue_minor": ask.monthly_revenue_minor,
        "annual_rate": str(ask.annual_rate),
    }


def _row(caller: Caller, ask: Ask, made: UUID, now: datetime, *, state: str, facts_sha256: str | None) -> Quote:
    return Quote(
        id=made,
        staff_id=caller.staff_id,
        product_id=ask.product_id,
        application_id=ask.application_id,
        asked=_asked(ask),
        annual_rate=ask.annual_rate,
        state=state,
        policy_version=caller.tools.policies.version,
        facts_sha256=facts_sha256,
        made_at=now,
    )


def _view(caller: Caller, said: Json) -> QuoteView:
    product = caller.tools.policies.product(said["product_id"])
    return QuoteView(
        id=UUID(said["id"]),
        product_id=product.id,
        product=i18n.text(product.name_key, caller.locale),
        currency=said["currency"],
        amount_minor=said["amount_minor"],
        months=said["months"],
        share=Decimal(said["share"]),
        annual_rate=Decimal(said["annual_rate"]),
        finish_on=date.fromisoformat(said["finish_on"]) if said["finish_on"] else None,
        total_interest_minor=said["total_interest_minor"],
        total_minor=said["total_minor"],
        policy_version=said["policy_version"],
        facts_sha256=said["sha256"],
        made_at=datetime.fromisoformat(said["made_at"]),
    )


async def attempts(caller: Caller) -> tuple[QuoteAttempt, ...]:
    """What somebody wanted to promise in the last year and that no product has, newest first."""
    book = caller.tools.policies
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        rows = await quotes.refused(session, now - quotes.LOOKED_BACK)
    return tuple(
        QuoteAttempt(
            id=row.id,
            who=name,
            product_id=row.product_id,
            amount_minor=row.asked["amount_minor"],
            currency=book.product(row.product_id).amounts.currency if row.product_id in book.products else "CNY",
            annual_rate=row.annual_rate,
            rates=tuple(sorted(book.policy(row.product_id).rates())) if row.product_id in book.products else (),
            made_at=row.made_at,
        )
        for row, name in rows
    )
