"""What an owner allows: shown in the very words, given with their hash, taken back as easily."""

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
from db import clocks, people, reading, store
from db.store import StoreKeys
from db.tables import Consent
from infra import i18n
from lending import consents as rules
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
    """What is asked to be allowed, purpose by purpose, and what is allowed already."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        await own_application(session, application_id, person)
        given = await reading.consents(session, person)
        now = await clocks.now(session, caller.tools.settings.clock_id)
    in_force: dict[str, Consent] = {}
    for row in reversed(given):
        if _as_rule(row).allows_at(now):
            in_force[row.purpose] = row
    return tuple(_consent_text(terms, in_force.get(purpose.value), caller.locale) for purpose, terms in TERMS.items())


def _consent_text(terms: ConsentTerms, row: Consent | None, locale: str) -> ConsentText:
    words = shown_text(terms, locale)
    return ConsentText(
        purpose=terms.purpose.value,
        title=i18n.text(f"{terms.text_key}.title", locale),
        text=words,
        text_hash=text_hash(terms, words),
        scope=terms.scope,
        valid_days=terms.valid_for.days,
        needed=terms.needed_for_credit,
        given_at=row.given_at if row else None,
        consent_id=row.id if row else None,
    )


def _as_rule(row: Consent) -> rules.Consent:
    return rules.Consent(Purpose(row.purpose), row.text_hash, row.given_at, row.withdrawn_at)


async def give_consents(caller: Caller, application_id: UUID, given: tuple[ConsentGiven, ...], key: str) -> Receipt:
    """Allow what was read. A hash of other words than those on the page is refused."""
    terms = _terms_given(caller, given)
    person = caller.person_id
    settings = caller.tools.settings

    async def store(session: AsyncSession, command_id: UUID) -> None:
        now = await clocks.now(session, settings.clock_id)
        for one, asked in zip(given, terms, strict=True):
            await people.add_consent(
                session,
                consent_id=uuid4(),
                person_id=person,
                application_id=application_id,
                purpose=one.purpose,
                scope=",".join(asked.scope),
                text_hash=one.text_hash,
                locale=caller.locale,
                channel=caller.channel,
                proof={
                    "command": str(command_id),
                    "session": str(caller.principal.session_id),
                    "version": asked.version,
                },
                given_at=now,
                expires_on=business_date(now + asked.valid_for, Jurisdiction(settings.jurisdiction)),
            )

    body = {"consents": [plain(one) for one in given]}
    purposes = {"purposes": [one.purpose for one in given]}
    return await command(caller, application_id, "give_consent", key=key, body=body, store=store, audited=purposes)


def _terms_given(caller: Caller, given: tuple[ConsentGiven, ...]) -> list[ConsentTerms]:
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
    if wrong:
        raise BadFields(fields=tuple(wrong))
    return found


async def withdraw_consent(caller: Caller, consent_id: UUID, key: str) -> ConsentView:
    """Take a consent back, as easily as it was given. Whatever needs it looks before it acts."""
    person = caller.person_id
    settings = caller.tools.settings

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, settings.clock_id)
        if await people.withdraw_consent(session, consent_id, person, now) is None:
            raise NotFound
        taken = await session.get(Consent, consent_id)
        if taken is not None and taken.purpose == Purpose.MODEL_TRAINING:
            await store.remove_person(session, StoreKeys(settings), person)
        return {}

    await perform(
        caller, "owner.withdraw_consent", key, {"consent_id": consent_id}, act, person=person, object_id=str(consent_id)
    )
    async with caller.tools.sessions.begin(person=person) as session:
        now = await clocks.now(session, settings.clock_id)
        for row in await reading.consents(session, person):
            if row.id == consent_id:
                return consent_view(row, now, caller.locale)
    raise NotFound


def consent_view(row: Consent, now: datetime, locale: str) -> ConsentView:
    """A consent in the privacy centre; ``now`` is business time."""
    return ConsentView(
        id=row.id,
        purpose=row.purpose,
        title=i18n.text(f"{TERMS[Purpose(row.purpose)].text_key}.title", locale),
        scope=tuple(row.scope.split(",")),
        text_hash=row.text_hash,
        given_at=row.given_at,
        expires_on=row.expires_on,
        withdrawn_at=row.withdrawn_at,
        in_force=_as_rule(row).allows_at(now),
    )
