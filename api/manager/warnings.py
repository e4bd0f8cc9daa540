"""Signs of difficulty of live borrowers, at the manager's: why, by when to call, and what came of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.looking import look, look_at_name
from api.phrases import phrase
from api.problems import NotFound
from api.views import WarningCard, WarningView
from db import clocks, doors, people
from db import warnings as signs
from db.tables import Application, EarlyWarning

# What can have come of a warning: what the next model learns from, so the list is short and closed.
OUTCOMES = ("explained", "plan_agreed", "help_offered", "not_reached", "handed_over", "mistaken")
WORDS_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of it: one of ``OUTCOMES``, and in words."""

    outcome: str
    words: str


async def open_warnings(caller: Caller) -> tuple[WarningCard, ...]:
    """Everything that is open, by when it is due."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await card_of(session, caller, *found) for found in await signs.open_warnings(session)])


async def warning(caller: Caller, warning_id: UUID) -> WarningView:
    """One warning. The reading is recorded and the customer can see it."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = await signs.warning(session, warning_id)
        if found is None:
            raise NotFound
        row, application = found
        await look(session, caller, application, "loan")
        earlier = [one for one in await signs.of_loan(session, row.loan_id) if one.id != row.id]
        names = await doors.staff_names(session)
        return WarningView(
            card=await card_of(session, caller, row, application),
            outcomes=OUTCOMES,
            earlier=tuple([await card_of(session, caller, one, application) for one in earlier]),
            closed_by=names.get(row.closed_by, row.closed_by) if row.closed_by else None,
        )


async def close(caller: Caller, warning_id: UUID, said: Closed, key: str) -> WarningView:
    """Somebody called, and says what came of it; the first answer stays."""
    form = fields.Form()
    if said.outcome not in OUTCOMES:
        form.refuse("outcome", "not_one_of_these" if said.outcome else "missing")
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said.words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        if await signs.warning(session, warning_id) is None:
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        by = caller.principal.actor
        await signs.close(session, warning_id, outcome=said.outcome, words=words, by=by, at=now)
        return {}

    body = {"warning_id": warning_id, **plain(said)}
    await perform(caller, "manager.close_warning", key, body, act, scope="staff", object_id=str(warning_id))
    return await warning(caller, warning_id)


async def card_of(session: AsyncSession, caller: Caller, row: EarlyWarning, application: Application) -> WarningCard:
    """A warning as its reader sees it."""
    await look_at_name(session, caller, application)
    who = await people.identity_of(session, caller.tools.vault, application.person_id)
    firm = await people.firm_of(session, caller.tools.vault, application.firm_id) if application.firm_id else None
    return WarningCard(
        id=row.id,
        loan_id=row.loan_id,
        application_id=row.application_id,
        number=application.number,
        customer=who.name or people.masked_phone(who.phone),
        firm=firm.name if firm else None,
        cause=row.cause,
        text=phrase(f"lending.warning.{row.cause}", caller.locale, _in_words(row.figures, caller.locale)),
        figures=row.figures,
        raised_on=row.raised_on,
        due_at=row.due_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        words=row.words,
    )


def _in_words(figures: Json, locale: str) -> Json:
    """Codes of public records as words of the reader's language; all else as it is."""
    if "codes" not in figures:
        return figures
    said = [phrase(f"lending.record.{code}", locale, {}) for code in str(figures["codes"]).split(",")]
    return {**figures, "codes": ("、" if locale.startswith("zh") else ", ").join(said)}
