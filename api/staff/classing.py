"""The classes at the desk: the book by class, and the two people who change one or write a loan off (P30)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.loan_record import on_record
from api.problems import NotFound
from api.views.classing import ClassBook, ClassLine, ClassStep, ProposalLine, ProvisionView
from db import classes, clocks, desk, ledger, reading
from db.classes import Classable
from db.tables import ClassChange, ClassProposal
from infra import i18n
from lending import classification, impairment
from lending.accounts import Account
from lending.authority import Exceeds, Wanted, exceeded, goes_to, not_by, strongest
from lending.calendars import Jurisdiction, business_date
from lending.classification import Because, Classified, ClassRules, Facts, classify, may_be_said, worse
from lending.maturity import Class
from lending.refusals import AuthorityExceeded, SamePerson
from lending.refusals_at_desk import ClassTooGood, NotWrittenOff, ProposalAnswered, ProposalOpen

MOST = 500
WORDS_LONGEST, EVIDENCE_LONGEST = 500, 200
KINDS = ("class", "write_off")
VERDICTS = ("agreed", "refused")


@dataclass(frozen=True, slots=True)
class Proposed:
    """``klass`` of a class; ``evidence``: the paper that shows it, needed for a better class and for a write-off."""

    kind: str
    klass: str
    words: str
    evidence: str


async def book(caller: Caller) -> ClassBook:
    """The whole book by class."""
    rules, jurisdiction = caller.tools.policies.classes, caller.tools.settings.jurisdiction
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = {one.loan_id: one for one in await classes.classed(session, MOST)}
        for loan_id in await classes.open_proposals(session):
            one = await classes.of_loan(session, loan_id)
            if one is not None and loan_id not in found:
                found[loan_id] = one
        steps: dict[UUID, list[ClassChange]] = defaultdict(list)
        for change in await classes.changes(session, found):
            steps[change.loan_id].append(change)
        said: dict[UUID, list[ClassProposal]] = defaultdict(list)
        for proposal in await classes.proposals(session, found):
            said[proposal.loan_id].append(proposal)
        lines = await classes.provision(session, jurisdiction)
        held = await classes.held(session, Account.LOANS_ALLOWANCE)
        loans = tuple(_line(caller, one, steps[one.loan_id], said[one.loan_id]) for one in found.values())
    currency = lines[0].currency if lines else "CNY"
    return ClassBook(
        as_of=lines[0].on_date if lines else None,
        loans=loans,
        provision=tuple(
            ProvisionView(
                row.currency, row.klass, row.stage, row.loans, row.principal_minor, row.rate, row.amount_minor
            )
            for row in lines
        ),
        allowance_minor=held.get(currency, 0),
        currency=currency,
        written_off_from=rules.written_off_from.value,
    )


def _line(caller: Caller, one: Classable, steps: list[ClassChange], said: list[ClassProposal]) -> ClassLine:
    kept = one.kept
    told = tuple(_proposal(caller, row) for row in said)
    return ClassLine(
        loan_id=one.loan_id,
        number=one.number,
        product_id=one.product_id,
        currency=one.currency,
        status=("past_due" if one.days_past_due else "as_agreed") if one.live else "closed",
        days_past_due=one.days_past_due,
        principal_minor=one.principal_minor,
        interest_minor=one.interest_minor,
        klass=kept.klass if kept else Class.NORMAL.value,
        because=kept.because if kept else Because.AS_AGREED.value,
        stage=kept.stage if kept else 1,
        since=kept.since if kept else None,
        as_of=kept.as_of if kept else None,
        accrues=kept.accrues if kept else True,
        suspended_minor=kept.suspended_minor if kept else 0,
        written_off_on=kept.off_on if kept else None,
        recovered_minor=kept.recovered_minor if kept else 0,
        open=next((row for row in told if row.verdict is None), None),
        proposals=told,
        history=tuple(
            ClassStep(
                row.on_date,
                row.klass,
                row.because,
                row.was,
                row.accrues,
                tuple((name, str(value)) for name, value in sorted(row.figures.items())),
            )
            for row in steps
        ),
    )


def _proposal(caller: Caller, row: ClassProposal) -> ProposalLine:
    return ProposalLine(
        id=row.id,
        kind=row.kind,
        klass=row.klass,
        amount_minor=row.amount_minor,
        words=row.words,
        evidence=row.evidence,
        made_by=row.made_by,
        made_at=row.made_at,
        verdict=row.verdict,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        mine=row.made_by == caller.principal.actor,
    )


async def propose(caller: Caller, loan_id: UUID, said: Proposed, key: str) -> ClassBook:
    """The first of two: another class, or that a loan is written off. What the facts do not leave is refused here."""
    form = fields.Form()
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said.words, "")
    if said.kind not in KINDS:
        form.refuse("kind", "not_one_of_these" if said.kind else "missing")
    if said.kind == "class" and said.klass not in set(Class):
        form.refuse("klass", "not_one_of_these" if said.klass else "missing")
    evidence = said.evidence.strip()
    if evidence or said.kind == "write_off":
        evidence = form.take(
            "evidence", lambda text: fields.line(text, longest=EVIDENCE_LONGEST, least=4), said.evidence, ""
        )
    form.done()

    async def act(session: AsyncSession) -> Json:
        one = await classes.of_loan(session, loan_id, lock=True)
        if one is None:
            raise NotFound
        if any(row.verdict is None for row in await classes.proposals(session, [loan_id])):
            raise ProposalOpen
        now = await clocks.now(session, caller.tools.settings.clock_id)
        klass = Class(said.klass) if said.kind == "class" else None
        if klass is not None:
            _may_be_class(caller, one, klass, _today(caller, now))
            if not worse(klass, _klass(one)) and not evidence:
                form.refuse("evidence", "missing")
            if klass is _klass(one):
                form.refuse("klass", "not_one_of_these")
            form.done()
        else:
            await _may_write_off(session, caller, one)
        row = ClassProposal(
            id=uuid4(),
            loan_id=loan_id,
            kind=said.kind,
            klass=klass.value if klass else None,
            since=one.past_due_since,
            amount_minor=one.principal_minor,
            words=words,
            evidence=evidence,
            made_by=caller.principal.actor,
            made_at=now,
        )
        session.add(row)
        await session.flush()
        await on_record(session, caller, "class.propose", loan_id, kind=said.kind, klass=row.klass or "")
        return {}

    body = {"loan_id": loan_id, **plain(said)}
    await perform(caller, "desk.propose_class", key, body, act, scope="staff", object_id=str(loan_id))
    return await book(caller)


async def answer(caller: Caller, proposal_id: UUID, verdict: str, words: str, key: str) -> ClassBook:
    """The second of two, who is another person: it is so from now on, or it is not. Looked at anew, as it is now."""
    form = fields.Form()
    told = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    if verdict not in VERDICTS:
        form.refuse("verdict", "not_one_of_these" if verdict else "missing")
    form.done()

    async def act(session: AsyncSession) -> Json:
        seen = await classes.proposal(session, proposal_id)
        if seen is None:
            raise NotFound
        one = await classes.of_loan(session, seen.loan_id, lock=True)
        row = await classes.proposal(session, proposal_id, lock=True)
        if row is None or one is None:
            raise NotFound
        if row.verdict is not None:
            raise ProposalAnswered
        if await desk.employee(session, caller.staff_id) in await desk.employees(session, {row.made_by}):
            raise SamePerson
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if verdict == "agreed" and row.kind == "write_off":
            await _write_off(session, caller, one, row)
        elif verdict == "agreed":
            await _set_class(session, caller, one, row)
        row.verdict, row.answer = verdict, told
        row.answered_by, row.answered_at = caller.principal.actor, now
        await on_record(session, caller, "class.answer", one.loan_id, kind=row.kind, verdict=verdict)
        return {}

    body = {"proposal_id": proposal_id, "verdict": verdict, "words": told}
    await perform(caller, "desk.answer_class", key, body, act, scope="staff", object_id=str(proposal_id))
    return await book(caller)


def _today(caller: Caller, now: datetime) -> date:
    return business_date(now, Jurisdiction(caller.tools.settings.jurisdiction))


def _klass(one: Classable) -> Class:
    return Class(one.kept.klass) if one.kept else Class.NORMAL


def _may_be_class(caller: Caller, one: Classable, klass: Class, on: date) -> None:
    rules, debtor = caller.tools.policies.classes, _by_debtor(one)
    if not one.live:
        raise NotFound
    if not may_be_said(klass, one.facts, on, rules, debtor_is_bad=debtor):
        least = _left(one.facts, on, rules, debtor=debtor)
        raise ClassTooGood(least=i18n.text(f"lending.class.{least.value}", caller.locale))


def _left(facts: Facts, on: date, rules: ClassRules, *, debtor: bool) -> Class:
    return next(one for one in Class if may_be_said(one, facts, on, rules, debtor_is_bad=debtor))


def _by_debtor(one: Classable) -> bool:
    """As the last night found it; the next one looks again."""
    return one.kept is not None and one.kept.because == Because.DEBTOR.value


async def _may_write_off(session: AsyncSession, caller: Caller, one: Classable) -> None:
    """Live, bad enough, not done before, and within the row of the authority table of whoever says it, who has no part
    in the loan."""
    rules = caller.tools.policies.classes
    if not one.live or worse(rules.written_off_from, _klass(one)) or (one.kept and one.kept.off_on):
        raise NotWrittenOff(from_class=i18n.text(f"lending.class.{rules.written_off_from.value}", caller.locale))
    loan = await reading.loan(session, one.loan_id)
    application = await reading.application(session, loan.application_id) if loan else None
    if application is None:
        raise NotFound
    not_by(await desk.employee(session, caller.staff_id), await desk.involved(session, application))
    table = caller.tools.policies.authority
    asked = Wanted(one.principal_minor, one.principal_minor, None, secured=False)
    mine = strongest(table, caller.principal.roles)
    above = exceeded(mine, asked) if mine is not None else (Exceeds.AMOUNT,)
    if above:
        raise AuthorityExceeded(exceeds=above[0].value, goes_to=goes_to(table, asked).role)


async def _set_class(session: AsyncSession, caller: Caller, one: Classable, row: ClassProposal) -> None:
    """At once; the night after moves its interest and its provision."""
    rules, klass = caller.tools.policies.classes, Class(row.klass or "")
    now = await clocks.now(session, caller.tools.settings.clock_id)
    on = _today(caller, now)
    _may_be_class(caller, one, klass, on)
    facts = classification.said_of(one.facts, klass, row.since)
    made = classify(facts, on, rules, debtor_is_bad=_by_debtor(one))
    await _keep(session, one, made, rules, on, now, said=klass, since=row.since)


async def _write_off(session: AsyncSession, caller: Caller, one: Classable, row: ClassProposal) -> None:
    """账销案存: the principal leaves the balance against the allowance; claim, interest, debits and papers go on, and
    nobody is told that anything was forgiven, since nothing was."""
    await _may_write_off(session, caller, one)
    now = await clocks.now(session, caller.tools.settings.clock_id)
    on, kept = _today(caller, now), one.kept
    assert kept is not None  # noqa: S101 (its class was read from it)
    entry = impairment.written_off(one.principal_minor, loan_id=one.loan_id, cause=str(row.id), on=on, at=now)
    await ledger.post(session, entry, currency=one.currency)
    kept.off_on, kept.off_at, kept.off_minor = on, now, one.principal_minor
    row.amount_minor = one.principal_minor


async def _keep(
    session: AsyncSession,
    one: Classable,
    made: Classified,
    rules: ClassRules,
    on: date,
    now: datetime,
    *,
    said: Class,
    since: date | None,
) -> None:
    kept = await classes.keep(session, one, made, stage=rules.stages[made.klass], on=on, at=now, policy=rules.version)
    kept.said, kept.said_since = said.value, since
    await session.flush()
