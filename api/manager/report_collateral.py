"""What secures a case, in sentences: piece, values, haircut, loan to value, rank, search, registration (P18)."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.lining import today_of
from api.manager.report_lines import Draft, Source
from db import collateral
from db.tables import Application, Appraisal, Collateral
from lending.collateral import CollateralKind, CollateralType, lends, loan_to_value

SECTION = "collateral"


async def tell(session: AsyncSession, caller: Caller, draft: Draft, application: Application) -> None:
    """Every piece that is held, each figure with its place; what is not there yet is said to be not there."""
    rules, today = caller.tools.policies.collateral, await today_of(session, caller)
    for row in await collateral.held(session, application.id):
        thing = await collateral.thing_of(session, caller.tools.vault, row)
        one, kind = rules.types[CollateralKind(row.kind)], {"pledged": row.kind}
        mine = Source(f"piece-{row.id.hex[:8]}", "collateral", str(row.id), row.created_at.isoformat())
        draft.say(SECTION, "piece", mine, label=thing.label, title=thing.title, ownership=row.ownership, **kind)
        for found in await collateral.appraisals(session, row.id):
            _value(draft, row, found)
        if row.value_minor is not None and row.valued_on is not None:
            on = row.valued_on.isoformat()
            draft.say(SECTION, "valued", mine, value_minor=row.value_minor, valued_on=on, label=thing.label)
        else:
            draft.say(SECTION, "not_valued", mine, label=thing.label)
        worth = row.value_minor if row.value_minor is not None else row.desktop_minor
        piece = collateral.as_piece(row, worth, today) if worth else None
        policy = Source(f"collateral-rules-{row.kind}", "policy", f"collateral/{row.kind}", None, rules.version)
        _haircut(draft, policy, one, 0 if piece is None else lends(piece, rules))
        if piece is not None:
            ours = row.ours_minor or application.amount_minor
            ltv = {"ltv_rate": str(loan_to_value(piece, ours)), "prior_minor": row.prior_minor, "ours_minor": ours}
            draft.say(SECTION, "ltv" if row.ours_minor else "ltv_asked", mine, label=thing.label, **ltv)
        _register(draft, mine, row)


def _value(draft: Draft, row: Collateral, found: Appraisal) -> None:
    place = Source(
        f"appraisal-{found.id.hex[:8]}", "appraisal", str(found.id), found.at.isoformat(), found.reference,
        found.report_sha256,
    )  # fmt: skip
    said = {"value_minor": found.value_minor, "valued_on": found.valued_on.isoformat()}
    if found.n == 0:
        draft.say(SECTION, "desktop", place, **said)
    else:
        licence, number = found.licence or "", found.reference or ""
        draft.say(SECTION, "appraised", place, valuer=found.valuer or "", licence=licence, report_no=number, **said)


def _haircut(draft: Draft, policy: Source, one: CollateralType, lends_minor: int) -> None:
    draft.say(SECTION, "haircut", policy, haircut_rate=str(one.haircut), amount_minor=lends_minor)


def _register(draft: Draft, mine: Source, row: Collateral) -> None:
    if row.searched_at is None:
        draft.say(SECTION, "not_searched", mine)
    else:
        search = Source(f"search-{row.id.hex[:8]}", "search", str(row.id), row.searched_at.isoformat(), row.request_id)
        at = row.searched_at.isoformat()
        draft.say(SECTION, "searched", search, searched_at=at, earlier=row.earlier, prior_minor=row.prior_minor)
        draft.say(SECTION, "rank", search, rank=row.earlier + 1)
    if row.registration_no is None:
        draft.say(SECTION, "not_registered", mine)
        return
    at = row.registered_at.isoformat() if row.registered_at else None
    place = Source(f"registration-{row.id.hex[:8]}", "registration", str(row.id), at, row.registration_no)
    draft.say(SECTION, "registered", place, registration_no=row.registration_no, registered_at=at or "")
