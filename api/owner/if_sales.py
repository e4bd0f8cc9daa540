"""What becomes of a loan if sales change (journey E3): asked, never decided."""

from decimal import Decimal
from uuid import UUID

from api.caller import Caller
from api.owner.repaying import forecast_of, live
from api.problems import NotFound
from api.views.loan import IfSales
from db import clocks, reading
from lending.calendars import Jurisdiction, business_date


async def if_sales(caller: Caller, loan_id: UUID, percent: int) -> IfSales:
    """The end and the interest to come if sales were so much of what they are lately.

    :class:`NotFound` for a loan that does not follow sales: over, by dates, or with none of them told yet.
    """
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state != "live" or row.path is not None:
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        lived = await live(session, row, business_date(now, Jurisdiction(row.jurisdiction)))
    usual, then = (
        forecast_of(
            lived.terms,
            lived.position,
            lived.sales,
            lived.today,
            lived.plan,
            coupon_minor=lived.left_minor,
            part=part,
        )
        for part in (Decimal(1), Decimal(percent) / 100)
    )
    if usual is None or then is None:
        raise NotFound
    over = then.middle_on
    return IfSales(
        percent=percent,
        then=then,
        usual=usual,
        matures_on=row.matures_on,
        annual_rate=row.annual_rate,
        in_time=over is not None and (row.matures_on is None or over <= row.matures_on),
    )
