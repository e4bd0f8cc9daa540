"""The days of a signed loan: the same path as on the key facts, from the day of the money to the last."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from infra.ics import Day, calendar_file
from lending.minimum_path import checkpoints
from lending.pack import Mark, days
from lending.rates import DayCount
from lending.terms import Terms

AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


def terms(amount_minor: int, windows: int) -> Terms:
    return Terms(
        product_id="revenue_linked_working_capital",
        product_version="2026.1",
        amount_minor=amount_minor,
        currency="CNY",
        months=max(1, windows * 3 // 2),
        share=Decimal("0.12"),
        annual_rate=Decimal("0.073"),
        day_count=DayCount.ACT_365,
        window_months=3,
        windows=windows,
        grace_days=3,
        late_factor=Decimal(1),
    )


@given(st.integers(500_000, 30_000_000), st.integers(1, 16), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_the_pack_has_the_money_every_look_and_the_last_day_of_the_signed_path(
    amount_minor: int, windows: int, on: date
) -> None:
    agreed = terms(amount_minor, windows)
    found = days(agreed, on)
    assert [one.mark for one in found] == [Mark.MONEY, *[Mark.LOOK] * (agreed.windows - 1), Mark.LAST]
    assert (found[0].on, found[0].amount_minor) == (on, amount_minor)
    assert [one.on for one in found[1:]] == [look.on for look in checkpoints(agreed, on)]
    assert found[-1].amount_minor == amount_minor
    assert sorted(one.amount_minor for one in found[1:]) == [one.amount_minor for one in found[1:]]


def test_a_calendar_file_has_whole_days_alarms_and_is_replaced_by_a_later_version() -> None:
    day = Day("1@huoshui", date(2027, 3, 1), "看进度，本金累计还满 ¥20,000.00", "合同 HS-1042", 1, timedelta(days=3))
    file = calendar_file("活水贷款 HS-1042", [day], at=AT)
    assert file == calendar_file("活水贷款 HS-1042", [day], at=AT)
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert event.decoded("dtstart") == date(2027, 3, 1)
    assert (str(event["summary"]), int(event["sequence"])) == (day.title, 1)
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-3)
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
