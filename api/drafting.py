"""Drafts through every door: the same fields and rules, and what two hands changed at once shown to the second."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api import proving
from api.caller import Caller
from api.hands import Hand, owners
from api.idempotency import Json, perform
from api.problems import BadFields, DraftChanged, FieldError, NotFound
from api.views import DraftDifference, DraftField, DraftView
from db import applications, audits, clocks, drafts, identity_papers, intake, people
from db.tables import Draft
from lending import drafts as rules
from lending.application_steps import KEPT, Channel, asked_of, step_of
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.drafts import KEPT_FOR, Differs, NoSuchField
from lending.identifiers import derived_id
from lending.parties import PartyKind
from lending.refusals import ApplicationOpen


async def find(caller: Caller, hand: Hand) -> DraftView | None:
    """What was typed so far; None where nothing was, or it was sent. A look by the lender's people is on record."""
    tools = caller.tools
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        row = await drafts.of_person(session, hand.person_id)
        if row is None:
            return None
        await _looked(session, caller, hand, await clocks.now(session, tools.settings.clock_id))
        return await _view(session, caller, row)


async def read(caller: Caller, hand: Hand) -> DraftView:
    """The same, or :class:`NotFound`."""
    found = await find(caller, hand)
    if found is None:
        raise NotFound
    return found


async def save(caller: Caller, hand: Hand, typed: Mapping[str, str], *, seen: int, key: str) -> DraftView:
    """Keep what was typed by somebody who saw version ``seen`` (0: none).

    Raises :class:`DraftChanged` where somebody else changed the same fields meanwhile, and then saves nothing;
    :class:`BadFields` for names that no page asks for, :class:`ApplicationOpen` once the application has begun.
    """
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        if await intake.open_application_of(session, hand.person_id) is not None:
            raise ApplicationOpen
        row = await drafts.of_person(session, hand.person_id, lock=True)
        now = await clocks.now(session, tools.settings.clock_id)
        await _looked(session, caller, hand, now)
        sealing = await people.key_of(session, tools.vault, hand.person_id)
        before = drafts.opened(row, tools.vault, sealing) if row else rules.Draft({})
        after = rules.save(before, typed, seen=seen, channel=hand.channel)
        if after is before and row is not None:
            return {}
        if not after.version:
            raise BadFields(fields=(FieldError("fields", "missing"),))
        row = await drafts.put(
            session, row, after, tools.vault, sealing, person_id=hand.person_id, channel=hand.channel, now=now
        )
        if hand.channel is Channel.MANAGER:
            await _tell(session, caller, row, now)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="draft.save",
            object_kind="draft",
            object_id=str(row.id),
            detail={"channel": hand.channel.value, "fields": sorted(typed), "version": row.version},
            request_id=caller.request_id,
        )
        return {}

    body = {"person_id": hand.person_id, "fields": dict(typed), "seen": seen}
    try:
        await perform(caller, f"{hand.channel.value}.save_draft", key, body, act, person=hand.person, scope=hand.scope)
    except NoSuchField as no:
        raise BadFields(fields=(FieldError(f"fields/{no.name}"[:80], no.code),)) from None
    except Differs as no:
        differs = tuple(DraftDifference(one.name, one.theirs, one.channel.value, one.mine) for one in no.differences)
        raise DraftChanged(await read(caller, hand), differs) from None
    return await read(caller, hand)


async def _tell(session: AsyncSession, caller: Caller, row: Draft, now: datetime) -> None:
    """Whoever a manager fills in for hears of it, once a day however often it is kept: it is their draft."""
    on = business_date(now, Jurisdiction(caller.tools.settings.jurisdiction))
    await applications.notify_person(
        session,
        notice_id=derived_id("notice", f"{row.id}/{on.isoformat()}/draft_kept"),
        person_id=row.person_id,
        application_id=None,
        kind="draft_kept",
        params={"until": (row.changed_at + KEPT_FOR).date().isoformat()},
        at=now,
    )


async def throw_away(caller: Caller, key: str) -> None:
    """The owner does not want it any more: what was typed goes, and the photos that served nothing but this draft.

    No law keeps what began no application; photos of an earlier one were brought before this draft and stay with it.
    """
    tools, person = caller.tools, caller.person_id

    async def act(session: AsyncSession) -> Json:
        row = await drafts.of_person(session, person, lock=True)
        photos = await identity_papers.destroy_since(session, tools.storage, person, row.begun_at) if row else 0
        await drafts.forget(session, person)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="draft.throw_away",
            object_kind="draft",
            object_id=str(row.id if row else person),
            detail={"photos": photos},
            request_id=caller.request_id,
        )
        return {}

    await perform(caller, "owner.throw_draft", key, {}, act, person=person)


async def set_reminders(caller: Caller, *, wanted: bool, key: str) -> DraftView:
    """Whether to be reminded of it. No is final for this draft until the owner says yes again."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        row = await drafts.of_person(session, person, lock=True)
        if row is None:
            raise NotFound
        row.reminders_wanted = wanted
        return {}

    await perform(caller, "owner.draft_reminders", key, {"wanted": wanted}, act, person=person)
    return await read(caller, owners(caller))


def _asked(caller: Caller, draft: rules.Draft) -> tuple[str, ...]:
    kind = draft.fields.get("kind")
    if kind is None or kind.value not in set(PartyKind):
        return KEPT
    return asked_of(caller.tools.policies.profiles[PartyKind(kind.value)])


async def _looked(session: AsyncSession, caller: Caller, hand: Hand, now: datetime) -> None:
    """The owner sees who helped: a role or a partner, not a name."""
    if hand.channel is Channel.OWNER:
        return
    role = min(caller.principal.roles, default=hand.channel.value)
    await people.record_access(session, hand.person_id, at=now, actor=role, what="draft", purpose="assist")


async def _view(session: AsyncSession, caller: Caller, row: Draft) -> DraftView:
    key = await people.key_of(session, caller.tools.vault, row.person_id)
    draft = drafts.opened(row, caller.tools.vault, key)
    step = step_of(Stage.DRAFT)
    return DraftView(
        id=row.id,
        step=step.name if step else "",
        fields=tuple(DraftField(name, one.value, one.channel.value) for name, one in sorted(draft.fields.items())),
        version=row.version,
        channel=row.channel,
        begun_at=row.begun_at,
        changed_at=row.changed_at,
        kept_until=row.changed_at + KEPT_FOR,
        reminders=row.reminders_wanted,
        asked=_asked(caller, draft),
        proven=await proving.standing(session, caller, row.person_id, own=caller.principal.id == row.person_id),
    )
