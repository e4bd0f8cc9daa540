"""What an owner's money was: seen by group, corrected by one word, taken back by another. All words are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform
from api.owner.applying import own_application
from api.phrases import phrase
from api.problems import NotFound
from api.views import FlowGroup, FlowMonth, Flows, FlowUse, Reason
from db import audits, clocks, flows, people
from db.flows import GroupSums
from db.tables import Application
from lending.applications import Stage
from lending.flows import NOT_FOR_THE_OWNER_TO_SAY, SAYABLE, Split, Use, raised_percent, split_of
from lending.refusals import NotInThisStage

# Where a word still counts: before a decision, and where another may be asked for.
OPEN = frozenset({Stage.EVIDENCE.value, Stage.DECLINED.value, Stage.OFFERED.value})
NAMED_APART = 8
TARGETS = ("line", "counterparty", "alike")
# A group that is no counterparty's names its reading: direction, kind, guessed.
_ALIKE = {"in": 1, "out": -1}


@dataclass(frozen=True, slots=True)
class Correction:
    """``key``: of a line its fingerprint, of a counterparty its key (both hex), of what is alike ``kind`` or ``kind?``.

    ``use`` is business, private or own_account; None takes the owner's earlier word back.
    """

    target: str
    key: str
    direction: str
    use: str | None


async def seen(caller: Caller, application_id: UUID) -> Flows:
    """All groups with their sums and reasons."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await _flows(session, caller, await own_application(session, application_id, person))


async def correct(caller: Caller, application_id: UUID, correction: Correction, key: str) -> Flows:
    """Say what a line, a counterparty's money or everything that was read alike was; the groups as they are now."""
    person = caller.person_id
    direction, kind, guessed, digest = _checked(correction)

    async def act(session: AsyncSession) -> Json:
        application = await own_application(session, application_id, person)
        firm_id = application.firm_id
        if application.stage not in OPEN:
            raise NotInThisStage(stage=application.stage, step="correct_flows")
        if firm_id is None:
            raise NotFound
        if digest is not None and not await flows.has_lines(session, firm_id, correction.target, direction, digest):
            raise NotFound
        correction_id = uuid4()
        await flows.correct(
            session,
            correction_id=correction_id,
            firm_id=firm_id,
            person_id=person,
            application_id=application_id,
            target=correction.target,
            fingerprint=digest if correction.target == "line" else None,
            counterparty_key=digest if correction.target == "counterparty" else None,
            direction=0 if correction.target == "line" else direction,
            kind=kind,
            guessed=guessed,
            to_use=correction.use,
            actor=caller.principal.actor,
            now=await clocks.now(session, caller.tools.settings.clock_id),
        )
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="flows.corrected" if correction.use else "flows.correction_undone",
            object_kind="application",
            object_id=str(application_id),
            detail={"correction": str(correction_id), "target": correction.target, "use": correction.use},
            request_id=caller.request_id,
        )
        return {"correction": str(correction_id)}

    body = {"application_id": application_id, "correction": correction}
    await perform(caller, "owner.correct_flows", key, body, act, person=person, object_id=str(application_id))
    return await seen(caller, application_id)


def _checked(correction: Correction) -> tuple[int, int, bool, bytes | None]:
    """Direction, kind, guessed and the key in bytes; names every field that is wrong."""
    form = fields.Form()
    if correction.target not in TARGETS:
        form.refuse("target", "not_one_of_these")
    if correction.direction not in _ALIKE:
        form.refuse("direction", "not_one_of_these")
    if correction.use is not None and correction.use not in SAYABLE:
        form.refuse("use", "not_one_of_these")
    kind, guessed, digest = 0, False, None
    if correction.target == "alike":
        text = correction.key.removesuffix("?")
        guessed = text != correction.key
        kind = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0
        if not 1 <= kind <= 10 or kind in NOT_FOR_THE_OWNER_TO_SAY:
            form.refuse("key", "not_one_of_these")
    else:
        size = 32 if correction.target == "line" else 16
        if len(correction.key) == size and all(letter in "0123456789abcdef" for letter in correction.key):
            digest = bytes.fromhex(correction.key)
        else:
            form.refuse("key", "not_one_of_these")
    form.done()
    return _ALIKE[correction.direction], kind, guessed, digest


async def _flows(session: AsyncSession, caller: Caller, application: Application) -> Flows:
    policy = caller.tools.policies.policy(application.product_id)
    open_ = application.stage in OPEN
    up_to = int(policy.corrected_up_to * 100)
    if application.firm_id is None:
        return Flows((), 0, 0, up_to, 0, application.currency, open_)
    firm_id = application.firm_id
    standing = await flows.standing(session, firm_id)
    found = await flows.groups(session, firm_id, NAMED_APART)
    names = await _names(session, caller, application.person_id, firm_id)
    months = _months(await flows.months_by_use(session, firm_id))
    by_use: dict[Use, list[FlowGroup]] = {use: [] for use in Use}
    for sums in found:
        split = _split(sums.kind, sums.direction, sums.guessed, sums.to_use)
        by_use[split.use].append(_group(sums, split, names, caller.locale))
    return Flows(
        uses=tuple(_use(use, months.get(use, {}), by_use[use]) for use in Use if by_use[use]),
        unsplit_percent=standing.unsplit_percent,
        corrected_percent=raised_percent(standing.told_minor, standing.raised_minor),
        corrected_up_to_percent=up_to,
        corrections=len(await flows.corrections(session, firm_id)),
        currency=application.currency,
        open=open_,
    )


def _split(kind: int, direction: int, guessed: bool, said: str | None) -> Split:
    return split_of(kind, direction, guessed=guessed, said=Use(said) if said else None)


async def _names(session: AsyncSession, caller: Caller, person_id: UUID, firm_id: UUID) -> dict[bytes, str]:
    vault = caller.tools.vault
    key = await people.key_of(session, vault, person_id)
    return {
        row.key: vault.open(key, people.COUNTERPARTY, people.counterparty_place(firm_id, row.key), row.name_sealed)
        for row in await flows.names(session, firm_id)
    }


def _months(found: Sequence[tuple[date, int, int, bool, str | None, int]]) -> dict[Use, dict[date, list[int]]]:
    sums: dict[Use, dict[date, list[int]]] = {}
    for month, direction, kind, guessed, said, minor in found:
        entry = sums.setdefault(_split(kind, direction, guessed, said).use, {}).setdefault(month, [0, 0])
        entry[0 if direction > 0 else 1] += minor
    return sums


def _use(use: Use, months: dict[date, list[int]], groups: list[FlowGroup]) -> FlowUse:
    rows = tuple(FlowMonth(month, into, out) for month, (into, out) in sorted(months.items()))
    return FlowUse(
        use.value, sum(row.in_minor for row in rows), sum(row.out_minor for row in rows), rows, tuple(groups)
    )


def _group(sums: GroupSums, split: Split, names: dict[bytes, str], locale: str) -> FlowGroup:
    key = sums.counterparty_key
    return FlowGroup(
        target="counterparty" if key else "alike",
        key=key.hex() if key else f"{sums.kind}{'?' if sums.guessed else ''}",
        direction="in" if sums.direction > 0 else "out",
        counterparty=names.get(key) if key else None,
        counterparties=sums.counterparties,
        use=split.use.value,
        reason=Reason(split.reason, {}, phrase(f"lending.flows.reason.{split.reason}", locale, {})),
        confidence=split.confidence,
        lines=sums.lines,
        amount_minor=sums.amount_minor,
        first_day=sums.first_day,
        last_day=sums.last_day,
        corrected=sums.to_use is not None,
        fixed=sums.kind in NOT_FOR_THE_OWNER_TO_SAY,
    )
