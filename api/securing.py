"""What secures a loan, as its owner and the lender's people both read it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.lining import today_of
from api.views import AppraisalView, CollateralKindView, CollateralView, CropView, SecurityView
from db import applications, collateral, parties, people
from db.tables import Application, Appraisal, Collateral
from infra import i18n
from lending.applications import Stage
from lending.collateral import (
    CollateralKind,
    CollateralRules,
    CollateralState,
    CollateralType,
    Ownership,
    is_stale,
    lends,
)
from lending.collateral import (
    carried as held_against,
)
from lending.invoices import plain_party
from lending.parties import Role
from lending.standing import Claim, Standing, standings

# Before something is signed; after that the contract names the pieces.
MAY_OFFER = frozenset({Stage.EVIDENCE, Stage.REVIEW, Stage.DECLINED, Stage.OFFERED})
# What is over secures nothing.
NOWHERE = Standing(loan_to_value=None, rank=None, prior_minor=None, before=False)
ASKS_VALUER = (CollateralState.VALUING.value, CollateralState.SECOND.value)


def may_offer(application: Application, rows: Sequence[Collateral]) -> bool:
    """Before the signature; later, while its pieces carry less than is owed, another one cures that (B8)."""
    short = any(row.short_minor for row in rows if row.state == CollateralState.REGISTERED.value)
    return Stage(application.stage) in MAY_OFFER or (application.stage == Stage.FUNDED.value and short)


async def carried(session: AsyncSession, caller: Caller, application: Application, amount_minor: int) -> None:
    """Whether what valuers have found carries an amount that somebody agrees to; raises the refusal that says no."""
    today = await today_of(session, caller)
    rules = caller.tools.policies.collateral
    found, expected = await collateral.covers(session, application.id, rules, today)
    held_against(amount_minor, found=found, expected=expected, valued=True, currency=application.currency)


async def another_owner_awaited(caller: Caller, application_id: UUID, terms_hash: str) -> bool:
    """Whether a thing that is somebody else's waits for that very person's signature (P18): who signs as a mortgagor
    under another name owns another thing."""
    vault = caller.tools.vault
    async with caller.tools.sessions.begin(scope="worker") as session:
        theirs = [
            plain_party((await collateral.thing_of(session, vault, row)).owner)
            for row in await collateral.held(session, application_id)
            if row.ownership == Ownership.THIRD_PARTY.value
        ]
        signed = {
            plain_party((await people.identity_of(session, vault, row.person_id)).name)
            for row in await parties.of_application(session, application_id)
            if row.role == Role.MORTGAGOR.value and row.signed_for == terms_hash
        }
    return not set(theirs) <= signed


async def security(session: AsyncSession, caller: Caller, application: Application) -> SecurityView:
    """Everything that was offered for an application, and what it carries."""
    rows = await collateral.of_application(session, application.id)
    rules, today = caller.tools.policies.collateral, await today_of(session, caller)
    found, expected = await collateral.covers(session, application.id, rules, today)
    values = await collateral.appraisals_of(session, [row.id for row in rows])
    standing = stands(rows, application.amount_minor, rules, today)
    return SecurityView(
        application_id=application.id,
        currency=application.currency,
        asked_minor=application.amount_minor,
        carries_minor=found,
        expected_minor=expected,
        pieces=tuple(
            [
                await view(session, caller, row, today, values=values[row.id], stands=standing)
                for row in collateral.once(rows)
            ]
        ),
        kinds=tuple(kind_view(one, caller.locale) for one in rules.types.values()),
        another_signs=collateral.another_signs(rows),
        may_offer=may_offer(application, rows),
    )


def stands(rows: Sequence[Collateral], asked_minor: int, rules: CollateralRules, today: date) -> dict[str, Standing]:
    """Loan to value and rank of each piece that is held, by its id: before the signature too (P18)."""
    claims = [
        Claim(
            id=str(row.id),
            piece=collateral.as_piece(row, row.value_minor, today) if row.value_minor else None,
            registered_minor=row.ours_minor,
            registered=row.state == CollateralState.REGISTERED.value,
            searched=row.searched_at is not None,
        )
        for row in rows
        if row.state in collateral.HELD
    ]
    return standings(claims, asked_minor, rules)


def kind_view(one: CollateralType, locale: str) -> CollateralKindView:
    """One kind in words."""
    return CollateralKindView(
        kind=one.kind.value,
        name=one.names[locale if locale in one.names else i18n.DEFAULT_LOCALE],
        evidence=tuple(i18n.text(f"lending.collateral_evidence.{code}", locale) for code in one.evidence),
        facts=one.facts,
        valuer=one.valuer.value,
        advance_rate=one.advance_rate,
        registry=one.registry.value,
        revalue_months=one.revalue_months,
    )


async def view(
    session: AsyncSession,
    caller: Caller,
    row: Collateral,
    today: date,
    *,
    stands: Mapping[str, Standing],
    values: Sequence[Appraisal] | None = None,
) -> CollateralView:
    """One piece; ``stands``: where those of its application stand (:func:`stands`), so that its owner and the lender's
    people read the same; ``values``: what was found for it, if somebody read that already."""
    stood = stands.get(str(row.id), NOWHERE)
    values = await collateral.appraisals(session, row.id) if values is None else values
    rules, thing = caller.tools.policies.collateral, await collateral.thing_of(session, caller.tools.vault, row)
    one = rules.types[CollateralKind(row.kind)]
    worth = row.value_minor if row.value_minor is not None else row.desktop_minor
    piece = collateral.as_piece(row, worth, today) if worth else None
    return CollateralView(
        id=row.id,
        application_id=row.application_id,
        kind=row.kind,
        name=one.names[caller.locale if caller.locale in one.names else i18n.DEFAULT_LOCALE],
        label=thing.label,
        title=thing.title,
        place=thing.place,
        owner=thing.owner,
        ownership=row.ownership,
        state=row.state,
        problem=row.problem,
        problem_text=i18n.text(f"lending.collateral_problem.{row.problem}", caller.locale) if row.problem else "",
        desktop_minor=row.desktop_minor,
        value_minor=row.value_minor,
        currency=row.currency,
        valued_on=row.valued_on,
        lends_minor=lends(piece, rules) if piece and row.state in collateral.HELD else 0,
        prior_minor=row.prior_minor,
        rank=stood.rank,
        ours_minor=row.ours_minor,
        loan_to_value=stood.loan_to_value,
        leased_until=row.leased_until,
        reading=_crop(row, caller, today),
        appraisals=tuple(
            AppraisalView(
                found.round,
                found.n,
                found.value_minor,
                found.valuer,
                found.reference,
                found.valued_on,
                found.id,
                found.valuer_id,
                found.licence,
                found.report_sha256,
            )
            for found in values
        ),
        registration_no=row.registration_no,
        registered_at=row.registered_at,
        register_by=row.register_by,
        searched_at=row.searched_at,
        revalue_on=row.revalue_on,
        short_minor=row.short_minor,
        cure_on=row.cure_on,
        task_id=row.task_id,
        appraise=await _awaits_a_figure(session, row),
        due_at=row.due_at,
        version=row.version,
        before_registration=stood.before,
    )


async def _awaits_a_figure(session: AsyncSession, row: Collateral) -> bool:
    """Whoever was sent has been there, or nobody needs to go."""
    if row.state not in ASKS_VALUER and not row.revaluing:
        return False
    return row.task_id is None or (await applications.task(session, row.task_id)).state == "done"


def _crop(row: Collateral, caller: Caller, today: date) -> CropView | None:
    seen = collateral.reading_of(row)
    if seen is None:
        return None
    stale = is_stale(seen, today, caller.tools.policies.collateral)
    return CropView(seen.crop, seen.area_m2, seen.stage, str(seen.confidence), seen.seen_on, stale)
