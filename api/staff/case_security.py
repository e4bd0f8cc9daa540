"""What secures a case, as the desk sees it: what it is worth, what it carries, and what stands before us."""

from sqlalchemy.ext.asyncio import AsyncSession

from api import pieces_over, securing
from api.caller import Caller
from api.lining import receivable_rules, today_of
from api.receivables import view as receivable_view
from api.views import SecuritySeen
from db import collateral, lines, pieces_named, receivables
from db.tables import Application
from infra import i18n
from lending.collateral import HOLDS, CollateralKind, CollateralState, Right
from lending.receivables import ReceivableState


async def seen(session: AsyncSession, caller: Caller, application: Application) -> tuple[SecuritySeen, ...]:
    """Pieces first, each with loan to value and rank (P18), then the receivables of its line."""
    pieces, types = await securing.security(session, caller, application), caller.tools.policies.collateral.types
    rows = await collateral.of_application(session, application.id)
    over = await pieces_over.ended(session, caller, rows)
    found = [
        SecuritySeen(
            id=one.id,
            kind=one.kind,
            name=pieces_named.said(caller.locale, one.name, one.label, one.title),
            state=i18n.text(f"lending.collateral.{one.state}", caller.locale),
            good=one.state == CollateralState.REGISTERED.value,
            amount_minor=one.value_minor or one.desktop_minor,
            advance_minor=one.lends_minor,
            currency=one.currency,
            right=types[CollateralKind(one.kind)].right.value if CollateralState(one.state) in HOLDS else "",
            valued=one.value_minor is not None,
            over=one.id in over,
            ended=over[one.id].text if one.id in over else "",
            ended_at=over[one.id].at if one.id in over else None,
            loan_to_value=one.loan_to_value,
            rank=one.rank,
            prior_minor=one.prior_minor if one.rank is not None else None,
            before_registration=one.before_registration,
        )
        for one in pieces.pieces
    ]
    line = await lines.of_application(session, application.id)
    if line is None:
        return tuple(found)
    base = await receivables.base_of(session, line.id, receivable_rules(caller), await today_of(session, caller))
    invoice = i18n.text("api.piece.invoice", caller.locale)
    for row in await receivables.of_line(session, line.id):
        one = await receivable_view(session, caller, row, base)
        found.append(
            SecuritySeen(
                id=row.id,
                kind="receivable",
                name=pieces_named.said(caller.locale, invoice, one.buyer, one.number),
                state=i18n.text(f"lending.receivable.{row.state}", caller.locale),
                good=row.state == ReceivableState.PLEDGED.value,
                amount_minor=row.amount_minor,
                advance_minor=one.advance_minor,
                currency=row.currency,
                right=Right.PLEDGE.value if row.state == ReceivableState.PLEDGED.value else "",
            )
        )
    return tuple(found)
