"""The person behind the firm: messages, what they allowed, who looked, their settings and signed-in browsers."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import cursors, fields, trusting
from api.caller import GRACE, IDLE, Caller
from api.idempotency import Json, perform, plain
from api.owner.applying import Identity
from api.owner.consenting import consent_view
from api.problems import NotFound
from api.views import AccessView, CouponView, MessageView, Privacy, ProfileView, SessionView, TrustView
from db import audits, clocks, doors, intake, people, pieces_named, reading
from db import known as known_rows
from db.tables import Person
from infra import i18n
from infra.phrases import notice
from lending.calendars import Jurisdiction, business_date

LOOKS = 20


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """Language, letter size, and whether to be offered credit; None leaves it as it is."""

    locale: str | None = None
    large_type: bool | None = None
    offers_wanted: bool | None = None


async def messages(caller: Caller) -> tuple[MessageView, ...]:
    """Every message that we sent or are sending, newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        types, vault = caller.tools.policies.collateral.types, caller.tools.vault
        rows = [
            (row, await pieces_named.about(session, vault, types, row.params, caller.locale))
            for row in await reading.notices(session, person)
        ]
    return tuple(
        MessageView(
            id=row.id,
            kind=row.kind,
            params=row.params,
            text=notice(row.kind, caller.locale, named, caller.tools.settings.public_url),
            state=row.state,
            application_id=row.application_id,
            created_at=row.created_at,
            sent_at=row.sent_at,
            purpose=caller.tools.policies.purposes[row.kind].value,
            because=row.because,
            not_before=row.not_before,
        )
        for row, named in rows
    )


async def privacy(caller: Caller, after: str | None = None) -> Privacy:
    """What was allowed, and who read what, when and why: a page of looks, newest first."""
    person = caller.person_id
    below = cursors.opened(caller, "privacy", after)
    async with caller.tools.sessions.begin(person=person) as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        given = await reading.consents(session, person)
        reads = await reading.accesses(session, person, below=below, limit=LOOKS + 1)
    return Privacy(
        consents=tuple(consent_view(row, now, caller.locale) for row in given),
        reads=tuple(AccessView(row.at, row.actor, row.what, row.purpose) for row in reads[:LOOKS]),
        next=cursors.sealed(caller, "privacy", reads[LOOKS - 1].id) if len(reads) > LOOKS else None,
    )


async def trust(caller: Caller) -> TrustView:
    """How far one is trusted, what that brings and what leads further."""
    person, tools = caller.person_id, caller.tools
    async with tools.sessions.begin(person=person) as session:
        return await trusting.trust_view(session, tools.policies, person)


async def coupons(caller: Caller) -> tuple[CouponView, ...]:
    """One's own coupons, the newest first."""
    person, tools = caller.person_id, caller.tools
    async with tools.sessions.begin(person=person) as session:
        now = await clocks.now(session, tools.settings.clock_id)
        on = business_date(now, Jurisdiction(tools.settings.jurisdiction))
        return await trusting.coupon_views(session, person, on)


async def profile(caller: Caller) -> ProfileView:
    """One's own settings."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await session.get_one(Person, person)
        who = await people.identity_of(session, tools.vault, person)
        live = await doors.sessions_of(session, person, tools.wall_now(), IDLE["owner"])
    return ProfileView(
        phone_masked=people.masked_phone(who.phone),
        name=who.name,
        locale=row.locale,
        large_type=row.large_type,
        offers_wanted=row.offers_wanted,
        sessions=tuple(
            SessionView(
                id=one.token_hash.hex()[:16],
                created_at=one.created_at,
                last_seen_at=one.last_seen_at,
                current=one.token_hash == caller.token_hash,
            )
            for one in live
        ),
    )


async def known(caller: Caller) -> dict[str, str]:
    """What is known from an earlier application, for the fields of a new one."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        told = await known_rows.known_of(session, caller.tools.vault, person)
        purpose = await intake.newest_purpose(session, person)
    return told | ({"purpose": purpose} if purpose else {})


async def known_numbers(caller: Caller, application_id: UUID | None = None) -> known_rows.Numbers | None:
    """The numbers that were typed into this application, else those that were proven in an earlier one; None before
    either. Shown in parts only: :func:`masked`."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        found = await intake.applicant_of(session, application_id, person) if application_id else None
        found = found or await intake.known_applicant(session, person)
        return await known_rows.numbers_of(session, caller.tools.vault, person, *found) if found else None


def masked(numbers: known_rows.Numbers) -> dict[str, str]:
    """What a form shows of them, by its fields."""
    shown = {"account": people.masked_account(numbers.account)}
    if numbers.id_number:
        shown["id_number"] = people.masked_id_number(numbers.id_number)
    if numbers.licence:
        shown["licence"] = people.masked_id_number(numbers.licence)
    return shown


def as_known(said: Identity, numbers: known_rows.Numbers) -> Identity:
    """Who they say they are, with what they left empty as it was proven before. Licence and account are those of that
    kind of business: another kind is asked anew."""
    same = said.kind == numbers.kind
    return replace(
        said,
        id_number=said.id_number.strip() or numbers.id_number or "",
        licence=(said.licence or "").strip() or (numbers.licence if same else None),
        account_number=said.account_number.strip() or (numbers.account if same else ""),
    )


async def phone(caller: Caller) -> str:
    """One's own number in clear; a simulated world's inbox is opened with it."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return (await people.identity_of(session, caller.tools.vault, person)).phone


async def change_profile(caller: Caller, change: ChangeProfile, key: str) -> ProfileView:
    """Change them."""
    form = fields.Form()
    if change.locale is not None and change.locale not in i18n.LOCALES:
        form.refuse("locale", "not_one_of_these")
    form.done()
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        await people.set_profile(session, person, **plain(change))
        return {}

    await perform(caller, "owner.change_profile", key, plain(change), act, person=person)
    return await profile(caller)


async def end_session(caller: Caller, session_id: str, key: str) -> None:
    """Sign one of one's own browsers out, at once."""
    tools, person = caller.tools, caller.person_id

    async def act(session: AsyncSession) -> Json:
        now = tools.wall_now()
        for one in await doors.sessions_of(session, person, now, IDLE["owner"]):
            if one.token_hash.hex()[:16] == session_id:
                await doors.end_session(session, one.token_hash, now, grace=GRACE * 0)
                await audits.append(
                    session,
                    actor=caller.principal.actor,
                    action="session.end",
                    object_kind="session",
                    object_id=session_id,
                    detail={},
                    request_id=caller.request_id,
                )
                return {}
        raise NotFound

    await perform(
        caller, "owner.end_session", key, {"session_id": session_id}, act, person=person, object_id=session_id
    )
