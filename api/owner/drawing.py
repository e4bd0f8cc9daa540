"""Drawing on one's own line: what it would cost, the tap, and asking a person to look at what was done to it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.lining import line_view, receivable_rules, today_of
from api.owner import questions, releasing
from api.problems import NotFound
from api.views import DrawQuote, LineView
from db import applications, clocks, coupons, ledger, lines, payees, releases
from db.payees import Destination
from db.tables import CreditLine
from lending.calendars import Jurisdiction
from lending.coupons import best
from lending.line import draw_id_of, draw_terms, refuse_draw
from lending.minimum_path import ends_of
from lending.payment_modes import NamedPayee, PaymentMode, payment_mode
from lending.projection import three_weathers
from lending.refusals import AmountOutOfRange, NotOnPaper, Refusal
from lending.release import Release, approval_hash, loan_id_of, plan_release
from lending.terms import Terms, terms_from, terms_hash


@dataclass(frozen=True, slots=True)
class Wish:
    """How much; from which share of sales it is repaid (None: the line's own); whether the named seller is paid."""

    amount_minor: int
    share: Decimal | None = None
    entrusted: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A draw that nobody has confirmed. ``approved``: the hash of amount, payee and terms of the very loan it would be.

    ``risen``: the chance of default is worse than at the signature, so that a fresh proof is needed; ``coupon_minor``:
    what the best coupon pays of its interest at most.
    """

    draw_id: UUID
    terms: Terms
    usual: tuple[int, ...] | int
    release: Release
    approved: str
    to: Destination
    mode: PaymentMode
    risen: bool
    available_minor: int
    coupon_minor: int = 0

    @property
    def needs_proof(self) -> bool:
        """Whether a face or a card is asked for again."""
        return self.risen or self.release.tier.factors > 1


async def own_lines(caller: Caller) -> tuple[LineView, ...]:
    """One's own, the newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return tuple([await line_view(session, caller, row) for row in await lines.of_person(session, person)])


async def living_line(caller: Caller) -> LineView | None:
    """The one that can be drawn on, or could again; None where there is none, or it has ended."""
    return next((one for one in await own_lines(caller) if one.state not in ("closed", "over")), None)


async def own_line(caller: Caller, line_id: UUID) -> LineView:
    """One of them."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        return await line_view(session, caller, await _own(session, caller, line_id))


async def quote(caller: Caller, line_id: UUID, wish: Wish) -> DrawQuote:
    """What a draw would cost, or the refusal that it would meet. Nothing is kept."""
    plan = await planned(caller, line_id, wish)
    terms = plan.terms
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        today = await today_of(session, caller)
        step_up = await releasing.step_up_view(session, caller.person_id, plan.approved, needed=plan.needs_proof)
    weathers = three_weathers(terms, plan.usual, today, coupon_minor=plan.coupon_minor)
    ends = ends_of(terms, today, caller.tools.policies.calendars[caller.tools.settings.jurisdiction])
    return DrawQuote(
        line_id=line_id,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        annual_rate=terms.annual_rate,
        share=terms.share,
        months=terms.months,
        interest_minor=weathers.normal.total_interest_minor,
        coupon_minor=weathers.normal.coupon_minor,
        total_minor=weathers.normal.total_minor,
        finish_on=weathers.normal.finish_on,
        slow_finish_on=weathers.slow.finish_on,
        slow_interest_minor=weathers.slow.total_interest_minor,
        first_look_on=ends[0],
        last_on=ends[-1],
        terms_hash=terms_hash(terms),
        tier=plan.release.tier.name,
        delay_seconds=int(plan.release.delay.total_seconds()),
        factors=plan.release.tier.factors,
        second_person=plan.release.tier.second_person,
        mode=plan.mode.value,
        account_masked=plan.to.masked,
        step_up=step_up,
        available_after_minor=plan.available_minor - terms.amount_minor,
    )


async def planned(caller: Caller, line_id: UUID, wish: Wish) -> Planned:
    """The draw as it would be made now, by the rules that the line itself will ask under its lock."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(scope="worker") as session:  # a payee's day may be somebody else's too
        line = await _own(session, caller, line_id)
        product = tools.policies.product(line.product_id)
        if product.line is None:
            raise NotFound
        today = await today_of(session, caller)
        facts = await lines.facts(session, line, receivable_rules(caller), today)
        refuse_draw(facts, product.line, product, wish.amount_minor, today)
        if wish.share is not None:
            product.share.require(wish.share)
        usual = await lines.usual_months(session, line.application_id)
        terms = draw_terms(
            terms_from(line.terms), product, amount_minor=wish.amount_minor, share=wish.share, usual=usual, start=today
        )
        account = await ledger.account(session, line.account_id)
        to, covers = payees.own(account), None
        if wish.entrusted:
            to = await payees.destination(session, line.application_id, account)
            if to.named is None:
                raise NotOnPaper(covers_minor=0)
            covers = NamedPayee(to.named.covers_minor - await lines.paid_to(session, to.named.id))
        mode = payment_mode(terms.amount_minor, product.self_payment_minor, covers)
        jurisdiction = Jurisdiction(tools.settings.jurisdiction)
        earlier = await releases.day_sums(
            session, person_id=person, account_index=to.index, on=today, jurisdiction=jurisdiction
        )
        signs = await releases.signs(session, person, to.index) if to.payee.own else frozenset[str]()
        verdict = await applications.last_decision(session, line.application_id)
        held = await coupons.usable(session, person, on=today)
        plain = three_weathers(terms, usual, today).normal.total_interest_minor
        coupon = best(held, amount_minor=terms.amount_minor, interest_minor=plain, on=today)
        draw_id = draw_id_of(line.id, await lines.draws_so_far(session, line.id) + 1)
    release = plan_release(terms.amount_minor, to.payee, earlier, tools.policies.release, signs)
    approved = approval_hash(
        loan_id=loan_id_of(draw_id),
        terms_hash=terms_hash(terms),
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        account_id=to.id,
        account_index=to.index,
    )
    risen = bool(verdict and verdict.grade and line.grade and verdict.grade > line.grade)
    available = facts.standing.available_minor
    cap = coupon.cap_minor if coupon else 0
    return Planned(draw_id, terms, usual, release, approved, to, mode, risen, available, cap)


async def draw(caller: Caller, line_id: UUID, wish: Wish, key: str) -> Receipt:
    """Draw: one command to the line. What speaks against it being the owner goes with it, and holds the money."""
    signs = await _signs(caller, line_id, wish)
    person = caller.person_id

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        # What is free now is the line's to say under its lock; what never was lent on it is refused at the door.
        line = await _own(session, caller, line_id)
        rules = caller.tools.policies.product(line.product_id).line
        if wish.amount_minor > line.signed_limit_minor and rules is not None:
            raise AmountOutOfRange(
                lowest_minor=rules.lowest_draw_minor, highest_minor=line.signed_limit_minor, currency=line.currency
            )

    order = Order(
        workflow_type="CreditLine",
        workflow_id=clocks.workflow_of("line", line_id),
        update="draw",
        object_kind="credit_line",
        object_id=line_id,
        wire={
            "amount_minor": wish.amount_minor,
            "share": f"{wish.share:f}" if wish.share is not None else None,
            "entrusted": wish.entrusted,
            "signs": list(signs),
        },
    )
    body: Json = {"line_id": line_id, "amount_minor": wish.amount_minor, "share": wish.share}
    return await issue(
        caller,
        order,
        use="owner.draw",
        key=key,
        body={**body, "entrusted": wish.entrusted},
        store=store,
        person=person,
        audited={"amount_minor": wish.amount_minor, "signs": list(signs)},
    )


async def _signs(caller: Caller, line_id: UUID, wish: Wish) -> tuple[str, ...]:
    """What speaks against it being the owner who draws. A draw that the line will refuse holds nothing: whether it was
    made already under this key, or cannot be made, is the line's to say."""
    try:
        plan = await planned(caller, line_id, wish)
    except Refusal:
        return ()
    return tuple(sign.value for sign in await questions.suspicions(caller, plan.release.day_minor, plan.draw_id))


async def prove(caller: Caller, line_id: UUID, wish: Wish, method: str, key: str) -> Receipt:
    """Prove who one is once more, for this draw and no other."""
    plan = await planned(caller, line_id, wish)
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        application_id = (await _own(session, caller, line_id)).application_id
    return await releasing.ask_for_proof(caller, application_id, plan.approved, method, key)


async def ask_review(caller: Caller, line_id: UUID, key: str) -> Receipt:
    """Ask a person to look at what was done to the line (P16); a clock starts that the owner sees."""

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await _own(session, caller, line_id)

    order = Order(
        workflow_type="CreditLine",
        workflow_id=clocks.workflow_of("line", line_id),
        update="ask_review",
        object_kind="credit_line",
        object_id=line_id,
    )
    return await issue(
        caller,
        order,
        use="owner.ask_line_review",
        key=key,
        body={"line_id": line_id},
        store=store,
        person=caller.person_id,
    )


async def _own(session: AsyncSession, caller: Caller, line_id: UUID) -> CreditLine:
    """One's own line, or :class:`NotFound`."""
    found = await lines.own(session, line_id, caller.person_id)
    if found is None:
        raise NotFound
    return found
