"""A manager's book: who is late, whom to look at, whose end is near; and giving a customer to a colleague (P33)."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look, names
from api.problems import BadFields, FieldError, NotFound
from api.views import BookCustomer, BookLoan, HandedOver, ManagerBook, OwnManager
from db import applications, clocks, leaves, managing, offline, people, reading
from db.managing import Held
from db.tables import Application, Loan
from infra.phrases import BEIJING
from lending.identifiers import derived_id
from lending.refusals import ReviewClosed
from lending.workbench import BookRules

RESULTS = ("in_order", "watch", "trouble")
WORDS_LONGEST = 500
CALM = 1_000_000


async def book(caller: Caller) -> ManagerBook:
    """All of one's customers; whoever is late, due or in difficulty comes first. The looks are on record."""
    rules = caller.tools.policies.managed
    async with caller.tools.sessions.begin(scope="staff") as session:
        today = (await clocks.now(session, caller.tools.settings.clock_id)).astimezone(BEIJING).date()
        mine = await managing.customers(session, caller.staff_id)
        loans = await managing.loans(session, [one.given.person_id for one in mine])
        found: list[BookCustomer] = []
        for one in mine:
            name, firm = await names(session, caller, one.application)
            found.append(
                BookCustomer(
                    application_id=one.application.id,
                    number=one.application.number,
                    customer=name,
                    firm=firm,
                    stage=one.application.stage,
                    source=one.given.source,
                    since=one.given.given_at,
                    loans=tuple(_loan(held, rules, today) for held in loans.get(one.given.person_id, ())),
                )
            )
    return ManagerBook(today, rules.bands, tuple(sorted(found, key=_pressing)))


def _pressing(one: BookCustomer) -> tuple[int, int, int, int, int]:
    """Days late first, then checks that are late, signs of difficulty, the nearest end; then the newest."""
    return (
        -max((loan.days_past_due for loan in one.loans), default=0),
        -sum(loan.check_late for loan in one.loans),
        -sum(loan.warnings for loan in one.loans),
        min((loan.days_left for loan in one.loans if loan.days_left is not None), default=CALM),
        -one.number,
    )


def _loan(held: Held, rules: BookRules, today: date) -> BookLoan:
    loan, balance = held.loan, held.balance
    due_on = rules.check_due_on(loan.live_on, held.last_check_on, held.grade) if loan.live_on else None
    return BookLoan(
        loan_id=loan.id,
        number=held.number,
        currency=loan.currency,
        owed_minor=balance.principal_minor if balance else loan.principal_minor,
        matures_on=loan.matures_on,
        days_left=(loan.matures_on - today).days if loan.matures_on else None,
        band=rules.band(loan.matures_on, today) if loan.matures_on else None,
        days_past_due=balance.days_past_due if balance else 0,
        past_due_minor=balance.past_due_minor if balance else 0,
        check_due_on=due_on,
        check_open=due_on is not None and today >= due_on - rules.shown_before,
        check_late=due_on is not None and today > due_on,
        last_result=held.last_result,
        warnings=held.warnings,
    )


async def checked(caller: Caller, loan_id: UUID, *, result: str, words: str, key: str) -> ManagerBook:
    """Somebody looked at a loan: what was seen. One check is put down once, and only when its time has come."""
    form = fields.Form()
    if result not in RESULTS:
        form.refuse("result", "not_one_of_these")
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        loan = await reading.loan(session, loan_id)
        if loan is None or loan.state != "live":
            raise NotFound
        application = await session.get_one(Application, loan.application_id)
        await look(session, caller, application, "loan")
        (held,) = [one for one in (await managing.loans(session, [loan.person_id]))[loan.person_id] if _is(one, loan)]
        seen = _loan(held, tools.policies.managed, now.astimezone(BEIJING).date())
        if not seen.check_open or seen.check_due_on is None:
            raise ReviewClosed
        check_id, sealing = uuid4(), await people.key_of(session, tools.vault, loan.person_id)
        await managing.keep_check(
            session,
            id=check_id,
            loan_id=loan.id,
            person_id=loan.person_id,
            due_on=seen.check_due_on,
            result=result,
            words_sealed=tools.vault.seal(sealing, managing.CHECKED, check_id, said),
            by=caller.principal.actor,
            done_at=now,
        )
        detail = {"due_on": seen.check_due_on.isoformat(), "result": result}
        await noted(session, caller, "manager.checked", "loan", str(loan.id), detail)
        return {}

    body = {"loan_id": loan_id, "result": result, "words": said}
    await perform(caller, "manager.checked", key, body, act, scope="staff", object_id=str(loan_id))
    return await book(caller)


def _is(held: Held, loan: Loan) -> bool:
    return held.loan.id == loan.id


async def own_manager(caller: Caller, application_id: UUID) -> OwnManager | None:
    """Whose customer somebody is."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await _application(session, application_id)
        found = await managing.manager_of(session, application.person_id)
        if found is None:
            return None
        return OwnManager(
            staff_id=found.staff_id,
            name=await offline.name_of(session, found.staff_id) or "",
            source=found.source,
            code=found.code,
            since=found.given_at,
            mine=found.staff_id == caller.principal.id,
        )


async def hand_over(caller: Caller, application_id: UUID, *, to: UUID, key: str) -> HandedOver:
    """Give a customer to a colleague, with all that is open for them; the customer is told who it is now.

    Whoever has the customer does it, or anybody where nobody has.
    """
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        application = await applications.locked(session, (await _application(session, application_id)).id)
        known = await managing.manager_of(session, application.person_id)
        if known is not None and known.staff_id != caller.staff_id and not caller.may("staff.lead"):
            raise NotFound
        theirs = {one.id for one in await leaves.colleagues(session, managing.MANAGER, UUID(int=0))}
        if to not in theirs or (known is not None and known.staff_id == to):
            raise BadFields(fields=(FieldError("to", "not_one_of_these"),))
        by = caller.principal.actor
        moved = await managing.hand_over(session, person_id=application.person_id, to=to, by=by, now=now)
        said = {"who": await offline.name_of(session, to) or ""}
        cause = str(derived_id("hand_over", f"{application.person_id}/{to}/{now.isoformat()}"))
        await applications.announce(
            session, application, cause=cause, kind="manager_changed", actor="manager", at=now, params=said
        )
        await noted(session, caller, "manager.hand_over", "application", str(application_id), {"to": str(to)})
        return {"to": said["who"], "tasks": moved}

    body = {"application_id": application_id, "to": to}
    answer = await perform(caller, "manager.hand_over", key, body, act, scope="staff", object_id=str(application_id))
    return HandedOver(str(answer["to"]), int(answer["tasks"]))


async def _application(session: AsyncSession, application_id: UUID) -> Application:
    found = await reading.application(session, application_id)
    if found is None:
        raise NotFound
    return found
