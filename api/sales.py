"""A bill for a running loan as it is shown, whoever looks."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.views.sales import LeftOut, SalesDay, SalesFileView
from db import sales_files
from db.tables import Loan, SalesFile
from infra import i18n
from lending.brought_sales import Became
from lending.revenue_share import RevenueDay

Days = Iterable[tuple[date, RevenueDay, Became, RevenueDay | None]]


async def view(session: AsyncSession, row: SalesFile, name: str, locale: str, *, anew: bool = False) -> SalesFileView:
    """``anew``: the days as they would become now, also of a bill that was counted."""
    loan = await session.get_one(Loan, row.loan_id)
    days: Days = ()
    if row.state == "read" or anew:
        days = [
            (one.on, one.new if one.became.enters or one.became is Became.LOWERS else one.whole, one.became, one.fed)
            for one in await sales_files.look(session, row)
        ]
    elif row.counted:
        days = [(*one, None) for one in sales_files.from_json(row.counted)]
    shown = tuple(
        SalesDay(
            on,
            *sums,
            net_minor=sums.net_minor,
            became=became.value,
            currency=loan.currency,
            fed_minor=None if fed is None else fed.net_minor,
        )
        for on, sums, became, fed in days
    )
    return SalesFileView(
        id=row.id,
        loan_id=row.loan_id,
        name=name,
        state=row.state,
        problem=row.problem,
        problem_text=_why(row, locale),
        doubt=row.doubt,
        received_at=row.received_at,
        confirmed_at=row.confirmed_at,
        days=shown,
        left_out=tuple(
            LeftOut(why, i18n.text(f"api.sales_file.aside.{why}", locale), lines, minor, loan.currency)
            for why, (lines, minor) in sorted((row.aside or {}).items())
        ),
        net_minor=sum(one.net_minor for one in shown if Became(one.became).enters),
        waits=sum(Became(one.became).waits for one in shown),
        decided=row.decided,
        words=row.words,
        currency=loan.currency,
    )


def _why(row: SalesFile, locale: str) -> str:
    if not row.problem:
        return ""
    ours = f"api.sales_file.problem.{row.problem}"
    key = ours if i18n.known(ours) else f"imports.refused.{row.problem}"
    return i18n.text(key, locale, **(row.problem_params or {}))
