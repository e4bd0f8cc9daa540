"""Pieces that secure nothing any more: which they are, when that was, who ended it and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import collateral
from db.tables import Collateral
from infra import i18n
from lending.collateral import OVER, CollateralState

# Why an owner takes one back; nobody has to say.
WHY = ("mistake", "replaced", "sold", "needed_free", "other")


@dataclass(frozen=True, slots=True)
class Ended:
    """When, by whom (owner, checks, time, loan_paid or lender) and why, as a code and in words."""

    at: datetime
    by: str
    why: str
    text: str


async def ended(session: AsyncSession, caller: Caller, rows: Sequence[Collateral]) -> Mapping[UUID, Ended]:
    """Of those of them that are over."""
    over = [row for row in rows if CollateralState(row.state) in OVER]
    if not over:
        return {}
    taken = await collateral.taken_back(session, [row.id for row in over])
    found: dict[UUID, Ended] = {}
    for row in over:
        by, why = _who(row, taken.get(row.id))
        told = i18n.text(f"api.piece_over.{by}", caller.locale)
        reason = _reason(by, why, caller.locale)
        both = i18n.text("api.piece_over.because", caller.locale, told=told, reason=reason) if reason else told
        found[row.id] = Ended(row.changed_at, by, why, both)
    return found


def _who(row: Collateral, taken_back: str | None) -> tuple[str, str]:
    match CollateralState(row.state):
        case CollateralState.RELEASED:
            return "loan_paid", ""
        case CollateralState.LAPSED:
            return "time", row.problem
        case CollateralState.UNWOUND if taken_back is not None:
            return "owner", taken_back
        case CollateralState.UNWOUND:
            return "lender", ""
        case _:
            return "checks", row.problem


def _reason(by: str, why: str, locale: str) -> str:
    if not why:
        return i18n.text("api.piece_over.unsaid", locale) if by == "owner" else ""
    where = "lending.taken_back" if by == "owner" else "lending.collateral_problem"
    return i18n.text(f"{where}.{why}", locale)
