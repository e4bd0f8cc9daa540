"""Before anybody signs in: what is lent, what it would cost, whether it is worth applying. Nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from api import fields
from api.caller import Caller
from api.phrases import phrase, reason
from api.problems import NotFound
from api.simulating import simulation
from api.views import EligibilityAnswer, ProductCard, Reason, Simulation
from db import clocks
from infra import i18n
from lending.calendars import Jurisdiction, business_date
from lending.parties import PartyKind
from lending.products import Product
from lending.refusals import Refusal
from lending.terms import Terms, terms_of

# More than any small firm sells in a month, and far inside what a column holds: 100 million yuan.
MOST_REVENUE_MINOR = 10_000_000_000
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Simulate:
    """Amount, normal horizon, share of net revenue, and the revenue of a usual month. No product: the only one.

    ``annual_rate``: a grade's, as an offer states it; None is the lowest, which the pages name.
    """

    amount_minor: int
    months: int
    share: Decimal
    monthly_revenue_minor: int
    product_id: str | None = None
    annual_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Three questions: who are you, how long in trade, how many months of bills; and one about what is overdue."""

    kind: str
    months_in_trade: int
    months_of_bills: int
    overdue_now: bool


def product_of(caller: Caller, product_id: str | None) -> Product:
    """The product that is meant."""
    products = caller.tools.policies.products
    if product_id is None:
        return next(iter(products.values()))
    if product_id not in products:
        raise NotFound
    return products[product_id]


def kinds(caller: Caller) -> tuple[Product, ...]:
    """How a loan of one's own may be repaid: every product without line and security, the share of sales first."""
    return tuple(one for one in caller.tools.policies.products.values() if one.line is None and one.secured_by is None)


def chosen_terms(product: Product, form: fields.Form, *, amount_minor: int, months: int, share: Decimal) -> Terms:
    """The terms of a choice. One thing wrong is the refusal that says so; several are told together, each by its field.

    ``form`` holds what else was found wrong with the request.
    """
    refused: list[tuple[str, Refusal]] = []
    checks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("amount", lambda: product.amounts.require(amount_minor, product.amounts.currency)),
        ("months", lambda: product.months.require(months)),
        ("share", lambda: product.share.require(share)),
    )
    for name, check in checks:
        try:
            check()
        except Refusal as no:
            refused.append((name, no))
    if len(refused) == 1 and not form.wrong:
        raise refused[0][1]
    for name, no in refused:
        form.refuse(name, no.code, **{key: one for key, one in no.params.items() if isinstance(one, str | int)})
    form.done()
    return terms_of(product, amount_minor=amount_minor, months=months, share=share)


async def product_card(caller: Caller, product_id: str | None = None) -> ProductCard:
    """What is lent and by which rules."""
    book = caller.tools.policies
    product = product_of(caller, product_id)
    policy = book.policy(product.id)
    lowest_rate, highest_rate = policy.prices()
    return ProductCard(
        product_id=product.id,
        name=i18n.text(product.name_key, caller.locale),
        text=phrase(
            f"{product.name_key}.card", caller.locale, {"lowest_rate": lowest_rate, "highest_rate": highest_rate}
        ),
        currency=product.amounts.currency,
        lowest_minor=product.amounts.lowest_minor,
        highest_minor=product.amounts.highest_minor,
        step_minor=product.amounts.step_minor,
        shortest_months=product.months.shortest,
        longest_months=product.months.longest,
        lowest_share=product.share.lowest,
        highest_share=product.share.highest,
        share_step=product.share.step,
        annual_rate=lowest_rate,
        highest_annual_rate=highest_rate,
        day_count=product.price.day_count.value,
        late_factor=product.price.late_factor,
        prepayment_fee_rate=product.price.prepayment_fee_rate,
        window_months=product.minimum_path.window_months,
        stretch=product.minimum_path.stretch,
        path_longest_months=product.minimum_path.longest_months,
        grace_days=product.minimum_path.grace_days,
        history_months=policy.months_of_history,
        automatic_limit_minor=book.automatic_limit_minor,
        fast_limit_minor=book.release.fast_limit_minor,
        delay_hours=Decimal(str(book.release.delay / AN_HOUR)).normalize(),
        reading_seconds=book.key_facts_seconds,
        offer_valid_days=product.offer_valid_days,
        purposes=product.purposes,
        policy_version=book.version,
    )


async def simulate(caller: Caller, command: Simulate) -> Simulation:
    """What the loan would cost if it were paid out today. Refuses what the product does not lend."""
    form = fields.Form()
    if not 0 < command.monthly_revenue_minor <= MOST_REVENUE_MINOR:
        code = "too_small" if command.monthly_revenue_minor <= 0 else "too_large"
        form.refuse("monthly_revenue", code)
    product = product_of(caller, command.product_id)
    # Nobody is known yet, so the price is the one that the page names first: from this rate on, by what the bills say.
    policy = caller.tools.policies.policy(product.id)
    rate = policy.prices()[0] if command.annual_rate is None else command.annual_rate
    if rate not in policy.rates():
        form.refuse("annual_rate", "not_one_of_these")
    product = product.priced(rate if rate in policy.rates() else None, None)
    terms = chosen_terms(product, form, amount_minor=command.amount_minor, months=command.months, share=command.share)
    settings = caller.tools.settings
    async with caller.tools.sessions.begin() as session:
        now = await clocks.now(session, settings.clock_id)
    today = business_date(now, Jurisdiction(settings.jurisdiction))
    calendar = caller.tools.policies.calendars[settings.jurisdiction]
    return simulation(terms, command.monthly_revenue_minor, (), today, calendar=calendar)


async def eligibility(caller: Caller, command: Eligibility) -> EligibilityAnswer:
    """What is missing before it is worth applying; the answers are not kept."""
    form = fields.Form()
    if command.kind not in set(PartyKind):
        form.refuse("kind", "not_one_of_these")
    for name, value in (("months_in_trade", command.months_in_trade), ("months_of_bills", command.months_of_bills)):
        if not 0 <= value <= 1_200:
            form.refuse(name, "too_small" if value < 0 else "too_large")
    form.done()
    needed = caller.tools.policies.policy(product_of(caller, None).id).months_of_history
    missing: list[Reason] = []
    history = min(command.months_of_bills, command.months_in_trade)
    if history < needed:
        missing.append(reason("too_little_history", {"months_seen": history, "months_needed": needed}, caller.locale))
    if command.overdue_now:
        missing.append(reason("overdue_now", {}, caller.locale))
    return EligibilityAnswer(ok=not missing, missing=tuple(missing))
