"""The credit desk: who has which case, who has a part in it, and what each saw of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Text, cast, func, insert, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as into
from sqlalchemy.ext.asyncio import AsyncSession

from db import offline
from db.tables import (
    Application,
    Audit,
    CaseLook,
    CaseLookField,
    CommitteeItem,
    CommitteeVote,
    CustomerManager,
    Decision,
    EarlyWarning,
    EvidenceDocument,
    Investigation,
    ReportSignature,
    Staff,
    StaffTie,
    Task,
    TaskEvidence,
)
from lending.authority import Involved
from lending.case_changes import case_hash
from lending.refusals import CaseHeld, ReviewClosed

REVIEW = "review"
MODEL = "model"
VIEW = ("verdict", "amount_minor", "reason")


async def open_case(session: AsyncSession, application_id: UUID) -> Task | None:
    """The open review of an application, or its newest one."""
    reviews = [one for one in await offline.tasks_of(session, application_id) if one.kind == REVIEW]
    return max(reviews, key=lambda one: (one.state == "open", one.created_at), default=None)


async def take(session: AsyncSession, task_id: UUID, staff_id: UUID) -> Task | None:
    """This person has the case now, by one compare-and-set: of two who take it at once one gets it.

    Raises :class:`CaseHeld` where somebody else has it, :class:`ReviewClosed` where nobody needs to.
    """
    taken = await session.execute(
        update(Task)
        .where(Task.id == task_id, Task.kind == REVIEW, Task.state == "open", Task.owner_id.is_(None))
        .values(owner_id=staff_id)
        .returning(Task.id)
    )
    row = await _fresh(session, task_id)
    if row is None or taken.first() is not None or row.owner_id == staff_id:
        return row
    if row.state != "open":
        raise ReviewClosed
    raise CaseHeld


async def give_back(session: AsyncSession, task_id: UUID, staff_id: UUID) -> Task | None:
    """Anybody may take it again. Raises :class:`CaseHeld` for whoever does not have it."""
    row = await _fresh(session, task_id)
    if row is None or row.owner_id is None:
        return row
    if row.owner_id != staff_id:
        raise CaseHeld
    row.owner_id = None
    await session.flush()
    return row


async def _fresh(session: AsyncSession, task_id: UUID) -> Task | None:
    found = select(Task).where(Task.id == task_id, Task.kind == REVIEW).with_for_update()
    return await session.scalar(found.execution_options(populate_existing=True))


def views_of(kept: Mapping[str, Any] | None) -> tuple[dict[str, Any], ...]:
    """Everybody's own view of a case, in the order of their saying. The first stands in the row itself, those of others
    beside it."""
    if not kept:
        return ()
    return ({name: value for name, value in kept.items() if name != "others"}, *kept.get("others", ()))


def view_of(row: Task, staff_id: UUID) -> dict[str, Any] | None:
    """A person's own view of a case."""
    return next((one for one in views_of(row.own_view) if one.get("staff_id") == str(staff_id)), None)


async def give_view(session: AsyncSession, task_id: UUID, staff_id: UUID, said: dict[str, Any]) -> bool:
    """A person's own view, before the score is shown to them; False where they said just this before.

    Raises :class:`CaseHeld` where somebody else has the case, unless both look into it together (双人调查);
    :class:`ReviewClosed` where it is decided, or where they said something else before: what was said without the score
    stays.
    """
    row = await _fresh(session, task_id)
    if row is None or row.state != "open":
        raise ReviewClosed
    if not await _looks_into_it(session, row, staff_id):
        not_held_by_another(row, staff_id)
    before = view_of(row, staff_id)
    if before is not None:
        if any(before.get(name) != said.get(name) for name in VIEW):
            raise ReviewClosed
        return False
    first = row.own_view
    row.own_view = {**first, "others": [*first.get("others", ()), said]} if first else said
    await session.flush()
    return True


def has_looked(view: Mapping[str, Any]) -> bool:
    """Whether whoever said it has seen score, verdict or others' words since; one of before this was kept had."""
    return view.get("looked_at", True) is not None


async def _rewrite(session: AsyncSession, row: Task, staff_id: UUID, view: Mapping[str, Any]) -> None:
    """One person's view in its place; nobody else's is touched."""
    mine = str(staff_id)
    said = [dict(view) if one.get("staff_id") == mine else one for one in views_of(row.own_view)]
    first, *others = said
    row.own_view = {**first, "others": others} if others else first
    await session.flush()


async def open_views(session: AsyncSession, application_id: UUID, staff_id: UUID, at: datetime) -> None:
    """A person sees score, verdict or others' words of a case: what they said of it before is corrected no more."""
    open_still = select(Task.id).where(
        Task.application_id == application_id, Task.kind == REVIEW, Task.state == "open", Task.own_view.is_not(None)
    )
    for task_id in (await session.scalars(open_still)).all():
        row = await _fresh(session, task_id)
        view = view_of(row, staff_id) if row is not None else None
        if row is not None and view is not None and not has_looked(view):
            await _rewrite(session, row, staff_id, {**view, "looked_at": at.isoformat()})


async def correct_view(
    session: AsyncSession, task_id: UUID, staff_id: UUID, said: Mapping[str, Any], *, why: str, at: datetime, late: bool
) -> bool:
    """A correction of one's own view: before the look it takes the view's place, which stays beside it; after the look,
    or where it is ``late`` (its writer saw votes), it is a remark that changes nothing. True: it took the place.

    Raises :class:`ReviewClosed` where it is decided, or where nothing was said before.
    """
    row = await _fresh(session, task_id)
    view = view_of(row, staff_id) if row is not None else None
    if row is None or row.state != "open" or view is None:
        raise ReviewClosed
    after_look = late or has_looked(view)
    told = said if after_look else {name: view.get(name) for name in VIEW}
    kept = {**told, "why": why, "at": at.isoformat(), "after_look": after_look}
    if not after_look:
        kept["given_at"] = view["given_at"]
    corrected = [*view.get("corrected", ()), kept]
    now = {} if after_look else {**said, "given_at": at.isoformat()}
    await _rewrite(session, row, staff_id, {**view, **now, "corrected": corrected})
    return not after_look


async def _looks_into_it(session: AsyncSession, row: Task, staff_id: UUID) -> bool:
    pair = await session.get(Investigation, row.application_id)
    return pair is not None and staff_id in (pair.lead_id, pair.second_id)


def not_held_by_another(row: Task, staff_id: UUID) -> None:
    """Raise :class:`CaseHeld` where somebody else has this case."""
    if row.owner_id not in (None, staff_id):
        raise CaseHeld


async def send_up(session: AsyncSession, row: Task, *, to: str, said: Mapping[str, Any]) -> None:
    """The case goes up: to whom, by whom and why is kept with it, and nobody has it."""
    went = [*row.params.get("went_up", ()), dict(said, to=to)]
    row.params = {**row.params, "went_up": went}
    row.role, row.owner_id = to, None
    await session.flush()


# --- who has a part in it ---------------------------------------------------------------------------------------------


async def involved(session: AsyncSession, application: Application) -> Involved:
    """By person and not by login: the case's managers (whose customer it is, who looked into it or signed its report,
    who filled it in, went there, or brought its papers), and whoever said that it is their own or a relative's."""
    of_it, person = application.id, application.person_id
    logins = func.concat("staff:", cast(CustomerManager.staff_id, Text))
    went = func.concat("staff:", Task.outcome["staff_id"].astext)
    outside = (Task.application_id == of_it, Task.params.has_key(offline.KEPT_UNTIL))
    found = await session.execute(
        union_all(
            select(literal("login"), went).where(*outside, func.coalesce(Task.outcome["staff_id"].astext, "") != ""),
            select(literal("login"), TaskEvidence.by).join(Task, Task.id == TaskEvidence.task_id).where(*outside),
            select(literal("login"), EvidenceDocument.brought_by).where(
                EvidenceDocument.application_id == of_it, EvidenceDocument.channel == "manager"
            ),
            select(literal("login"), Audit.actor).where(Audit.action == "draft.assist", Audit.object_id == str(person)),
            select(literal("login"), logins).where(
                CustomerManager.person_id == person, CustomerManager.ended_at.is_(None)
            ),
            select(literal("signed"), ReportSignature.employee).where(ReportSignature.application_id == of_it),
            select(literal("tied"), StaffTie.employee).where(StaffTie.person_id == person),
        )
    )
    said: dict[str, set[str]] = defaultdict(set)
    for how, who in found:
        said[how].add(who)
    pair = await session.get(Investigation, of_it)
    pairs: set[str] = {f"staff:{pair.lead_id}", f"staff:{pair.second_id}"} if pair is not None else set()
    actors = said["login"] | pairs
    managers = await employees(session, actors) | frozenset(said["signed"])
    return Involved(managers=managers, tied=frozenset(said["tied"]))


async def noes(session: AsyncSession, application_id: UUID) -> list[str]:
    """By which logins people said no to this since a machine last decided, the newest first."""
    return (await _noes(session, application_id))[0]


async def _noes(session: AsyncSession, application_id: UUID) -> tuple[list[str], datetime | None]:
    """(those logins; when it was decided otherwise before, None: never)."""
    found = await session.execute(
        select(Decision.decided_by, Decision.outcome, Decision.decided_at)
        .where(Decision.application_id == application_id)
        .order_by(Decision.n.desc())
    )
    decided = found.all()
    said = [by for by, _, _ in takewhile(lambda one: one[0] != MODEL and one[1] == "decline", decided)]
    return said, decided[len(said)].decided_at if len(decided) > len(said) else None


async def who_said_no(session: AsyncSession, application_id: UUID) -> frozenset[str]:
    """The people behind those noes, none of whom looks at it again. A committee's no is that of everybody who had a
    word in it, whatever they said: they have all seen it, and sat at one table."""
    said, since = await _noes(session, application_id)
    if not said:
        return frozenset()
    spoke = (
        select(CommitteeVote.employee)
        .join(CommitteeItem, CommitteeItem.id == CommitteeVote.item_id)
        .where(CommitteeItem.application_id == application_id, CommitteeItem.state == "refused")
    )
    if since is not None:
        spoke = spoke.where(CommitteeItem.decided_at >= since)
    return await employees(session, {f"staff:{by}" for by in said}) | frozenset(await session.scalars(spoke))


async def employees(session: AsyncSession, actors: set[str]) -> frozenset[str]:
    """Who is behind these logins (``staff:…``)."""
    ids: list[UUID] = []
    for actor in actors:
        kind, _, staff_id = actor.partition(":")
        try:
            ids += [UUID(staff_id)] if kind == "staff" else []
        except ValueError:  # "staff:simulated" and the like are nobody's login
            continue
    return frozenset(await session.scalars(select(Staff.employee).where(Staff.id.in_(ids)))) if ids else frozenset()


async def employee(session: AsyncSession, staff_id: UUID) -> str:
    """Who is behind a login."""
    return (await session.scalars(select(Staff.employee).where(Staff.id == staff_id))).one()


async def tie(session: AsyncSession, employee: str, person_id: UUID, *, by: str, now: datetime) -> bool:
    """An employee says that this customer is their own, a relative or a friend; False if they said it before."""
    told = await session.scalar(
        into(StaffTie)
        .values(employee=employee, person_id=person_id, said_by=by, said_at=now)
        .on_conflict_do_nothing()
        .returning(StaffTie.employee)
    )
    return told is not None


async def is_warned(session: AsyncSession, person_id: UUID) -> bool:
    """Whether a sign of difficulty of this borrower is open."""
    return bool(await signs_of(session, person_id))


async def signs_of(session: AsyncSession, person_id: UUID) -> Sequence[EarlyWarning]:
    """The open signs of difficulty of a borrower, by when they are due."""
    found = select(EarlyWarning).where(EarlyWarning.person_id == person_id, EarlyWarning.closed_at.is_(None))
    return (await session.scalars(found.order_by(EarlyWarning.due_at, EarlyWarning.id))).all()


# --- what somebody saw of it ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as somebody saw it: when, under which hash, and its fields."""

    n: int
    sha256: str
    seen_at: datetime
    fields: dict[str, str]


async def last_seen(session: AsyncSession, application_id: UUID, employee: str) -> Seen | None:
    """What this person saw last, or first if they never said that they saw it anew; None: nothing yet."""
    newest = (
        select(CaseLook.id)
        .where(CaseLook.application_id == application_id, CaseLook.employee == employee)
        .order_by(CaseLook.n.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = await session.execute(
        select(CaseLook, CaseLookField.name, CaseLookField.value)
        .outerjoin(CaseLookField, CaseLookField.look_id == CaseLook.id)
        .where(CaseLook.id == newest)
    )
    rows = found.all()
    if not rows:
        return None
    look: CaseLook = rows[0][0]
    return Seen(look.n, look.sha256, look.seen_at, {name: value for _, name, value in rows if name})


async def keep_look(
    session: AsyncSession, application: Application, employee: str, fields: Mapping[str, str], *, now: datetime
) -> Seen:
    """Keep what this person sees now, after what they saw before; one after the other for two of their windows."""
    await session.execute(
        select(Application.id).where(Application.id == application.id).with_for_update(key_share=True)
    )
    before = await session.scalar(
        select(func.max(CaseLook.n)).where(CaseLook.application_id == application.id, CaseLook.employee == employee)
    )
    look_id, n = uuid4(), (before or 0) + 1
    seen = Seen(n, case_hash(fields), now, dict(fields))
    session.add(
        CaseLook(
            id=look_id,
            application_id=application.id,
            person_id=application.person_id,
            employee=employee,
            n=n,
            sha256=seen.sha256,
            seen_at=now,
        )
    )
    await session.flush()
    if fields:
        rows = [{"look_id": look_id, "name": name, "value": value} for name, value in fields.items()]
        await session.execute(insert(CaseLookField), rows)
    return seen


async def names(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Employees' names by login."""
    if not ids:
        return {}
    found = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in found}
