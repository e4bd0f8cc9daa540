"""What an owner allows: shown in the very words, given with their hash one by one, taken back as easily.

Each permission is its own act with its own proof, never one of a bundle (个保法 23, 29; 征信业管理条例 18).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.commands import Json, Receipt
from api.idempotency import perform, plain
from api.owner.applying import command, own_application
from api.problems import BadFields, FieldError, NotFound
from api.views import ConsentText, ConsentView
from db import audits, clocks, permissions, prescores, reading, store
from db.store import StoreKeys
from db.tables import Consent
from infra import i18n
from lending import consents as rules
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.consents import TERMS, ConsentTerms, Purpose, text_hash


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent to the words whose hash this is."""

    purpose: str
    text_hash: str


def shown_text(terms: ConsentTerms, locale: str) -> str:
    """The very words that stand on the page."""
    return i18n.text(terms.text_key, locale)


async def consent_sheet(caller: Caller, application_id: UUID) -> tuple[ConsentText, ...]:
    """What an application asks to be allowed, purpose by purpose, and what is allowed already."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        await own_application(session, application_id, person)
    return tuple(one for one in await everything(caller) if TERMS[Purpose(one.purpose)].asked_with_evidence)


async def everything(caller: Caller, *, of_roles: bool = False) -> tuple[ConsentText, ...]:
    """Everything that a person may allow, in the very words, and what is allowed already.

    The words by which somebody takes a part in another's loan are asked of nobody else (``of_roles``).
    """
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        given = await reading.consents(session, person)
        now = await clocks.now(session, caller.tools.settings.clock_id)
    in_force: dict[str, Consent] = {}
    for row in reversed(given):
        if _as_rule(row).allows_at(now):
            in_force[row.purpose] = row
    return tuple(
        _consent_text(terms, in_force.get(purpose.value), caller.locale)
        for purpose, terms in TERMS.items()
        if of_roles or not terms.of_role
    )


def _consent_text(terms: ConsentTerms, row: Consent | None, locale: str) -> ConsentText:
    words = shown_text(terms, locale)
    return ConsentText(
        purpose=terms.purpose.value,
        title=i18n.text(f"{terms.text_key}.title", locale),
        text=words,
        text_hash=text_hash(terms, words),
        scope=terms.scope,
        source=terms.source,
        law=terms.law,
        valid_days=terms.valid_for.days,
        needed=terms.needed_for_credit,
        given_at=row.given_at if row else None,
        consent_id=row.id if row else None,
    )


def _as_rule(row: Consent) -> rules.Consent:
    return rules.Consent(Purpose(row.purpose), row.text_hash, row.given_at, row.withdrawn_at, until=row.expires_on)


async def give_consents(caller: Caller, application_id: UUID, given: tuple[ConsentGiven, ...], key: str) -> Receipt:
    """Allow what was read, as the step of an application that asks for it; the last one that was needed moves it on.

    A hash of other words than those on the page is refused, and so are several in one act.
    """
    one, terms = _the_one(given)

    async def store(session: AsyncSession, command_id: UUID) -> None:
        await _keep(session, caller, terms, one.text_hash, application_id, command_id)

    body = {"consents": [plain(one)]}
    purposes = {"purposes": [one.purpose]}
    return await command(caller, application_id, "give_consent", key=key, body=body, store=store, audited=purposes)


async def allow(caller: Caller, given: ConsentGiven, key: str, *, application_id: UUID | None = None) -> ConsentView:
    """Allow one thing, at any time: beside a form that needs it, or again in the privacy centre."""
    person = caller.person_id
    one, terms = _the_one((given,))

    async def act(session: AsyncSession) -> Json:
        if application_id is not None:
            await own_application(session, application_id, person)
        act_id = uuid4()
        consent_id = await _keep(session, caller, terms, one.text_hash, application_id, act_id)
        await _on_record(session, caller, "consent.given", consent_id, one.purpose)
        return {"id": str(consent_id)}

    body = {"consent": plain(one), "application_id": application_id}
    done = await perform(caller, "owner.allow", key, body, act, person=person)
    return await _seen(caller, UUID(str(done["id"])))


async def give_all(caller: Caller, application_id: UUID, given: tuple[ConsentGiven, ...], key: str) -> None:
    """A page of ticks, each its own act with its own key; where the application waits for them the last moves it on."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        waits = (await own_application(session, application_id, caller.person_id)).stage == Stage.CONSENT
    for one in given:
        _the_one((one,))  # all are looked at before any is given
    alone, last = (given[:-1], given[-1:]) if waits else (given, ())
    for one in alone:
        await allow(caller, one, f"{key}.{one.purpose}", application_id=application_id)
    if last:
        await give_consents(caller, application_id, last, key)


async def _keep(
    session: AsyncSession,
    caller: Caller,
    terms: ConsentTerms,
    words: str,
    application_id: UUID | None,
    act_id: UUID,
) -> UUID:
    """A row of the ledger with what proves it: the act, the session and browser that it came from, the time."""
    settings = caller.tools.settings
    now = await clocks.now(session, settings.clock_id)
    consent_id = uuid4()
    await permissions.add(
        session,
        consent_id=consent_id,
        person_id=caller.person_id,
        application_id=application_id,
        purpose=terms.purpose.value,
        source=terms.source,
        scope=",".join(terms.scope),
        text_hash=words,
        locale=caller.locale,
        channel=caller.channel,
        proof={
            "command": str(act_id),
            "session": str(caller.principal.session_id),
            "device": hashlib.sha256(caller.device.encode()).hexdigest()[:16],
            "at": caller.tools.wall_now().isoformat(),
            "version": terms.version,
            "law": terms.law,
        },
        given_at=now,
        expires_on=business_date(now + terms.valid_for, Jurisdiction(settings.jurisdiction)),
    )
    return consent_id


async def _on_record(session: AsyncSession, caller: Caller, action: str, consent_id: UUID, purpose: str) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="consent",
        object_id=str(consent_id),
        detail={"purpose": purpose},
        request_id=caller.request_id,
    )


def _the_one(given: tuple[ConsentGiven, ...]) -> tuple[ConsentGiven, ConsentTerms]:
    """The permission that is given, with its terms; or what is wrong with it."""
    wrong: list[FieldError] = []
    found: list[ConsentTerms] = []
    for n, one in enumerate(given):
        terms = TERMS.get(Purpose(one.purpose)) if one.purpose in set(Purpose) else None
        if terms is None:
            wrong.append(FieldError(f"consents/{n}/purpose", "not_one_of_these"))
        elif one.text_hash not in {text_hash(terms, shown_text(terms, locale)) for locale in i18n.LOCALES}:
            wrong.append(FieldError(f"consents/{n}/text_hash", "other_words"))
        else:
            found.append(terms)
    if not given:
        wrong.append(FieldError("consents", "missing"))
    if len({one.purpose for one in given}) < len(given):
        wrong.append(FieldError("consents", "twice"))
    elif len(given) > 1 and not wrong:
        wrong.append(FieldError("consents", "one_by_one"))
    if wrong:
        raise BadFields(fields=tuple(wrong))
    return next(iter(given)), found[0]


async def withdraw_consent(caller: Caller, consent_id: UUID, key: str) -> ConsentView:
    """Take a consent back, as easily as it was given. Whatever needs it looks before it acts; what was only kept
    because of it goes at once."""
    person = caller.person_id
    settings = caller.tools.settings

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, settings.clock_id)
        taken = await permissions.withdraw(session, consent_id, person, now)
        if taken is None:
            raise NotFound
        match taken.purpose:
            case Purpose.MODEL_TRAINING:
                await store.remove_person(session, StoreKeys(settings), person)
            case Purpose.PRESCORE:
                await prescores.end(session, person, now)
            case _:
                pass
        await _on_record(session, caller, "consent.withdrawn", consent_id, taken.purpose)
        return {}

    await perform(
        caller, "owner.withdraw_consent", key, {"consent_id": consent_id}, act, person=person, object_id=str(consent_id)
    )
    return await _seen(caller, consent_id)


async def _seen(caller: Caller, consent_id: UUID) -> ConsentView:
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        row = await reading.consent_of(session, person, consent_id)
    if row is None:
        raise NotFound
    return consent_view(row, now, caller.locale)


def consent_view(row: Consent, now: datetime, locale: str) -> ConsentView:
    """A consent in the privacy centre; ``now`` is business time."""
    return ConsentView(
        id=row.id,
        purpose=row.purpose,
        title=i18n.text(f"{TERMS[Purpose(row.purpose)].text_key}.title", locale),
        source=row.source,
        scope=tuple(row.scope.split(",")),
        text_hash=row.text_hash,
        channel=row.channel,
        proof=row.proof,
        given_at=row.given_at,
        expires_on=row.expires_on,
        withdrawn_at=row.withdrawn_at,
        in_force=_as_rule(row).allows_at(now),
    )
