"""The credit desk: the queue with its reasons, one case in one screen, and what changed since its reader saw it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import authority, conditions, pieces
from api.caller import Caller
from api.idempotency import Json
from api.looking import look, look_at_name
from api.manager import evidence, tasks
from api.manager import warnings as signs
from api.problems import NotFound
from api.staff import case_security, case_words
from api.views import (
    AuthorityRow,
    AuthorityView,
    CaseView,
    ConditionAtDesk,
    ConditionKindView,
    Looked,
    MessageSeen,
    PartySeen,
    QueueCard,
    WarnedOf,
    WentUp,
)
from api.views.desk import ViewBy
from db import case_fields, clocks, desk, doors, handing_up, parties, people, reading, receivables, talking
from db import conditions as conditions_of
from db.offline import promised_at
from db.people import Erased
from db.tables import Application, Task
from infra import i18n
from lending.authority import not_by
from lending.case_changes import case_hash, changes
from lending.receivables import ReceivableState
from lending.refusals import ManagerOfCase, SelfApproval

QUEUE = 100
MESSAGES = 5
ASKED_BY_OWNER = "asked_by_owner"
# Reasons that make a case one of its own, beside amounts that only a person may lend.
EXCEPTIONAL = evidence.TO_EXPLAIN | {
    "bureau_silent",
    "no_model",
    "bills_differ",
    "little_is_known",
    "papers_to_look_at",
}


# --- the queue --------------------------------------------------------------------------------------------------------


async def queue(caller: Caller) -> tuple[QueueCard, ...]:
    """Everything that waits for the desk: what is late on top, then by when it is due, with why it came."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        rows = (await reading.open_tasks(session))[:QUEUE]
        holders = await desk.names(session, [row.owner_id for row, _ in rows if row.owner_id])
        cards = [await _card(session, caller, row, application, holders, now) for row, application in rows]
        for row in await receivables.waiting(session, ReceivableState.REVIEW):
            application = await session.get_one(Application, row.application_id)
            customer, firm = await names(session, caller, application)
            cards.append(
                QueueCard(
                    id=row.id,
                    application_id=None,
                    number=application.number,
                    customer=customer,
                    firm=firm,
                    came=(("buyer_unknown" if row.problem and row.near_id is None else "near_match"),),
                    why=(),
                    amount_minor=row.amount_minor,
                    currency=row.currency,
                    created_at=row.created_at,
                    due_at=(due_at := row.due_at or now),
                    late=due_at < now,
                    escalated=False,
                    role="officer",
                    holder=None,
                    mine=False,
                    piece=await pieces.invoice(session, caller, row),
                )
            )
    return tuple(sorted(cards, key=lambda card: card.due_at))


async def _card(
    session: AsyncSession,
    caller: Caller,
    row: Task,
    application: Application,
    holders: dict[UUID, str],
    now: datetime,
) -> QueueCard:
    customer, firm = await names(session, caller, application)
    open_ = [one for one in await conditions_of.of_application(session, application.id) if one.state == "open"]
    return QueueCard(
        id=row.id,
        application_id=application.id,
        number=application.number,
        customer=customer,
        firm=firm,
        came=_came(row),
        why=await evidence.why(session, row, caller),
        amount_minor=application.amount_minor,
        currency=application.currency,
        created_at=row.created_at,
        due_at=promised_at(row),
        late=row.state == "open" and promised_at(row) < now,
        escalated=row.escalated_at is not None,
        role=row.role,
        holder=holders.get(row.owner_id) if row.owner_id else None,
        mine=row.owner_id == caller.staff_id,
        conditions_open=len(open_),
        lead=await handing_up.lead_of(session, row),
    )


def _came(row: Task) -> tuple[str, ...]:
    codes = {str(reason["code"]) for reason in row.params.get("reasons", ())}
    found = [
        *(["authority_exceeded"] if row.params.get("went_up") else []),
        *(["review_asked"] if ASKED_BY_OWNER in codes else []),
        *(["exception"] if codes & EXCEPTIONAL else []),
        *(["referred"] if codes - EXCEPTIONAL - {ASKED_BY_OWNER} else []),
    ]
    return tuple(found) or ("referred",)


async def names(session: AsyncSession, caller: Caller, application: Application) -> tuple[str, str | None]:
    """(customer, firm) in clear, a look that is on record; empty where the person was erased."""
    await look_at_name(session, caller, application)
    try:
        who = await people.identity_of(session, caller.tools.vault, application.person_id)
        firm = await people.firm_of(session, caller.tools.vault, application.firm_id) if application.firm_id else None
    except Erased:
        return "", None
    return who.name or people.masked_phone(who.phone), firm.name if firm else None


async def table(caller: Caller) -> tuple[AuthorityRow, ...]:
    """Who may approve what, as the policy in force has it."""
    return tuple(
        AuthorityRow(
            role=row.role,
            unsecured_minor=row.unsecured_minor,
            secured_minor=row.secured_minor,
            group_minor=row.group_minor,
            currency="CNY",
            grades=tuple(sorted(row.grades)) if row.grades is not None else None,
            exceptions=tuple(sorted(one.value for one in row.exceptions)) if row.exceptions is not None else None,
            waives=row.waives,
        )
        for row in caller.tools.policies.authority.rows
    )


async def open_conditions(caller: Caller) -> tuple[ConditionAtDesk, ...]:
    """Every condition that is open, by when it is due."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        found: list[ConditionAtDesk] = []
        for row, application in await conditions_of.open_everywhere(session):
            customer, _ = await names(session, caller, application)
            found.append(
                ConditionAtDesk(
                    condition=conditions.view(row, caller.locale, now),
                    application_id=application.id,
                    number=application.number,
                    customer=customer,
                    amount_minor=application.amount_minor,
                    currency=application.currency,
                )
            )
        return tuple(found)


# --- one case ---------------------------------------------------------------------------------------------------------


async def case(caller: Caller, application_id: UUID) -> CaseView:
    """Everything about one case. The first time its reader opens it is kept: later looks are compared with that."""
    async with caller.tools.sessions.reading(scope="staff") as session:
        row, application = await opened(session, application_id)
        seen = await tasks.task(caller, row.id)
        await look(session, caller, application, "case")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        # One list of names serves the whole page.
        staff = await doors.staff_names(session)
        names = {UUID(actor.partition(":")[2]): name for actor, name in staff.items()}
        return CaseView(
            application_id=application.id,
            number=application.number,
            card=await _card(session, caller, row, application, names, now),
            task=seen,
            looked=await _looked(session, caller, application, row, now),
            authority=await _authority(session, caller, application),
            went_up=_went_up(row, names),
            views=_views(row, names) if evidence.own_view(row, caller) else (),
            parties=await _parties(session, application),
            security=await case_security.seen(session, caller, application),
            warnings=await _warnings(session, caller, application),
            messages=await _messages(session, caller, application),
            conditions=await conditions.of_application(session, caller, application.id),
            proofs=await conditions.proofs(session, caller, application.id),
            kinds=kinds(caller),
        )


async def opened(session: AsyncSession, application_id: UUID) -> tuple[Task, Application]:
    """The review of an application, the open one first, with it; :class:`NotFound` where there was none."""
    application = await reading.application(session, application_id)
    row = await desk.open_case(session, application_id) if application else None
    if application is None or row is None:
        raise NotFound
    return row, application


async def _looked(session: AsyncSession, caller: Caller, application: Application, row: Task, now: datetime) -> Looked:
    fields_now = await case_fields.fields_of(session, application)
    employee = await desk.employee(session, caller.staff_id)
    seen = await desk.last_seen(session, application.id, employee)
    if seen is None:
        seen = await desk.keep_look(session, application, employee, fields_now, now=now)
    found = changes(seen.fields, fields_now)
    shut = case_words.SHUT if row.state == "open" and evidence.own_view(row, caller) is None else ()
    return Looked(
        n=seen.n,
        seen_at=seen.seen_at,
        sha256=seen.sha256,
        now=case_hash(fields_now),
        changed=tuple(
            case_words.change(one, application.currency, caller.locale)
            for one in found
            if not one.field.startswith(shut)
        ),
    )


async def _authority(session: AsyncSession, caller: Caller, application: Application) -> AuthorityView:
    asked = await authority.wanted(session, caller, application, application.amount_minor)
    above, goes_to = authority.above(caller, asked)
    mine = caller.tools.policies.authority.by_role
    role = next((name for name in reversed(list(mine)) if name in caller.principal.roles), None)
    refused: str | None = None
    try:
        not_by(await desk.employee(session, caller.staff_id), await desk.involved(session, application))
    except (SelfApproval, ManagerOfCase) as no:
        refused = no.code
    return AuthorityView(
        may=refused is None and not above and role is not None,
        role=role,
        limit_minor=mine[role].limit_minor(secured=asked.secured) if role else 0,
        amount_minor=asked.amount_minor,
        group_minor=asked.group_minor,
        currency=application.currency,
        grade=asked.grade,
        secured=asked.secured,
        exceptions=tuple(sorted(one.value for one in asked.exceptions)),
        above=above,
        goes_to=goes_to,
        refused=refused,
    )


def _went_up(row: Task, who: Mapping[UUID, str]) -> tuple[WentUp, ...]:
    went: list[Json] = row.params.get("went_up", [])
    return tuple(
        WentUp(
            by=who.get(UUID(one["by"]), ""),
            at=datetime.fromisoformat(one["at"]),
            to=one["to"],
            above=tuple(one["above"]),
            words=one["words"],
        )
        for one in went
    )


def _views(row: Task, by: Mapping[UUID, str]) -> tuple[ViewBy, ...]:
    """Each with whose it is, in the order of their saying."""
    said = desk.views_of(row.own_view)
    return tuple(
        ViewBy(
            by=by.get(UUID(one["staff_id"])) if one.get("staff_id") else None,
            verdict=one["verdict"],
            amount_minor=one.get("amount_minor"),
            reason=one["reason"],
            given_at=datetime.fromisoformat(one["given_at"]),
            corrected=evidence.corrections(one),
        )
        for one in said
    )


async def _parties(session: AsyncSession, application: Application) -> tuple[PartySeen, ...]:
    return tuple(
        PartySeen(
            role=row.role,
            liability=row.liability,
            amount_minor=row.amount_minor,
            currency=application.currency,
            state=row.state,
            phone_masked=row.phone_masked,
            due_at=row.due_at,
        )
        for row in await parties.of_application(session, application.id)
    )


async def _warnings(session: AsyncSession, caller: Caller, application: Application) -> tuple[WarnedOf, ...]:
    found: list[WarnedOf] = []
    for row in await desk.signs_of(session, application.person_id):
        of = await session.get(Application, row.application_id)
        if of is not None:
            card = await signs.card_of(session, caller, row, of)
            found.append(WarnedOf(row.id, row.cause, card.text, row.due_at))
    return tuple(found)


async def _messages(session: AsyncSession, caller: Caller, application: Application) -> tuple[MessageSeen, ...]:
    """The newest of the thread; they count as opened only where somebody opens the thread."""
    try:
        thread = await talking.thread(session, caller.tools.vault, application)
    except Erased:
        return ()
    return tuple(MessageSeen(row.author, text, row.sent_at) for row, text in thread[-MESSAGES:])


def kinds(caller: Caller) -> tuple[ConditionKindView, ...]:
    """The catalogue of conditions in the reader's language."""
    return tuple(
        ConditionKindView(
            kind=kind.id,
            name=i18n.text(f"lending.condition.{kind.id}", caller.locale),
            how=i18n.text(f"lending.condition_how.{kind.id}", caller.locale),
            owner=kind.owner.value,
            proofs=tuple(sorted(one.value for one in kind.proofs)),
            days=kind.within.days,
        )
        for kind in caller.tools.policies.conditions.values()
    )
