"""No message leaves that a rule of contact forbids: the sources' figures, and random days against a second reading."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import Any

import pytest

from lending.calendars import BusinessCalendar
from lending.contact_policy import (
    DAY,
    PRESSING,
    RINGS,
    WEEK,
    Because,
    Channel,
    Contact,
    Purpose,
    Rules,
    Standing,
    Whom,
    Wish,
    first_allowed,
    may_contact,
)
from ops.bench.contacting import lives
from policies.book import load
from policies.contact_rules import contact_rules

BEIJING = timedelta(hours=8)
BOOK = load(date(2026, 11, 30))
CN = contact_rules(BOOK.jurisdiction("CN"), BOOK.contact, BOOK.calendars["CN"])
# Regulation F: 8:00 to 21:00, seven calls in seven days, seven days after a talk.
US = Rules(
    quiet=(time(21), time(8)), a_day=3, a_week=7, tries_at_number_a_day=3, one_channel=timedelta(hours=4),
    complaint=timedelta(hours=48), calls_a_week=7, after_talk=WEEK, calendar=None,
)  # fmt: skip
PACKS = {"CN": (CN, BEIJING), "US": (US, timedelta(hours=-5))}
OWES = Standing(BEIJING)
DEMAND = Wish(Purpose.DEMAND, Channel.MESSAGE, "a")
CALL = Wish(Purpose.DEMAND, Channel.CALL, "a")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone(BEIJING)).astimezone(UTC)


NOON = local("2026-11-30T12:00")  # a Monday


def was(at: datetime, channel: Channel = Channel.MESSAGE, *, number: str = "a", talked: bool = False) -> Contact:
    return Contact(at, Purpose.DEMAND, channel, number, talked)


# --- each rule --------------------------------------------------------------------------------------------------------


def test_g4_what_one_waits_for_is_told_at_night_and_counts_in_no_cap() -> None:
    told = replace(DEMAND, purpose=Purpose.TOLD)
    full = [Contact(NOON - timedelta(hours=n), Purpose.TOLD, Channel.MESSAGE, "a") for n in range(9, 0, -1)]
    assert may_contact(told, OWES, full, CN, local("2026-11-30T03:00")).now
    assert may_contact(DEMAND, OWES, full, CN, NOON).now, "receipts do not use up what a reminder may"


@pytest.mark.parametrize(
    ("at", "asked_again"),
    [
        ("2026-11-30T20:59:59", None),
        ("2026-11-30T21:00", "2026-12-01T09:00"),
        ("2026-12-01T00:00", "2026-12-01T09:00"),
        ("2026-12-01T08:59:59", "2026-12-01T09:00"),
        ("2026-12-01T09:00", None),
    ],
)
def test_g4_quiet_hours_are_those_of_the_owners_wall_clock(at: str, asked_again: str | None) -> None:
    answer = may_contact(DEMAND, OWES, [], CN, local(at))
    assert (answer.now, answer.at) == (asked_again is None, local(asked_again) if asked_again else None)
    urumqi = replace(OWES, offset=timedelta(hours=6))  # two hours behind Beijing by the sun
    assert may_contact(DEMAND, urumqi, [], CN, local("2026-11-30T10:30")).because is Because.QUIET_HOURS


def test_g4_nobody_is_pressed_on_a_public_holiday_nor_on_the_weekend_beside_it() -> None:
    saturday_of_national_day = local("2026-10-03T12:00")
    answer = may_contact(DEMAND, OWES, [], CN, saturday_of_national_day)
    assert (answer.because, answer.at) == (Because.HOLIDAY, local("2026-10-08T00:00"))
    assert first_allowed(DEMAND, OWES, [], CN, saturday_of_national_day).at == local("2026-10-08T09:00")
    assert may_contact(DEMAND, OWES, [], CN, local("2026-11-28T12:00")).now, "a weekend like others"
    assert may_contact(replace(DEMAND, purpose=Purpose.REMINDER), OWES, [], CN, saturday_of_national_day).now


def test_g4_the_third_contact_of_a_day_and_the_sixth_of_a_week_wait_whatever_the_debt_and_channel() -> None:
    two = [was(NOON - timedelta(hours=3), talked=True), was(NOON - timedelta(hours=2), talked=True)]
    answer = may_contact(DEMAND, OWES, two, CN, NOON)
    assert (answer.because, answer.at) == (Because.TRIES_AT_NUMBER, NOON - timedelta(hours=3) + DAY)
    elsewhere = replace(DEMAND, number="b")
    assert may_contact(elsewhere, OWES, two, CN, NOON).because is Because.DAY_IS_FULL, "another number is no way round"
    five = [was(NOON - timedelta(days=n), talked=True) for n in (6, 5, 4, 3, 2)]
    answer = may_contact(elsewhere, OWES, five, CN, NOON)
    assert (answer.because, answer.at) == (Because.WEEK_IS_FULL, NOON + DAY)


def test_g4_a_second_channel_waits_for_an_answer_on_the_first() -> None:
    written = [was(NOON - timedelta(hours=2))]
    answer = may_contact(CALL, OWES, written, CN, NOON)
    assert (answer.because, answer.at) == (Because.OTHER_CHANNEL, NOON + timedelta(hours=22))
    assert may_contact(CALL, OWES, [was(NOON - timedelta(hours=2), talked=True)], CN, NOON).now


def test_g4_who_promised_is_left_alone_until_the_day_after_their_day() -> None:
    promised = replace(OWES, promised_on=date(2026, 12, 4))
    for wish in (DEMAND, CALL, replace(DEMAND, purpose=Purpose.REMINDER)):
        answer = may_contact(wish, promised, [], CN, NOON)
        assert (answer.because, answer.at) == (Because.PROMISED, local("2026-12-06T00:00"))
    assert may_contact(DEMAND, promised, [], CN, local("2026-12-06T09:00")).now


def test_g4_a_complaint_silences_reminders_demands_and_offers_for_two_days() -> None:
    angry = replace(OWES, complained_at=NOON - timedelta(hours=47))
    for purpose in PRESSING:
        assert may_contact(replace(DEMAND, purpose=purpose), angry, [], CN, NOON).because is Because.COMPLAINED
    assert may_contact(DEMAND, angry, [], CN, NOON + timedelta(hours=1)).now
    assert may_contact(replace(DEMAND, purpose=Purpose.TOLD), angry, [], CN, NOON).now, "the answer to it is told"


def test_g4_a_third_party_is_never_contacted_about_a_debt_not_even_kindly() -> None:
    for purpose in Purpose:
        answer = may_contact(Wish(purpose, Channel.CALL, "cousin", Whom.THIRD), OWES, [], CN, NOON)
        assert (answer.because, answer.never) == (Because.THIRD_PARTY, True)


def test_g4_payment_stops_demand_at_once_and_a_dispute_or_relief_as_long_as_it_lasts() -> None:
    assert may_contact(DEMAND, replace(OWES, owed=False), [], CN, NOON).never
    assert may_contact(DEMAND, replace(OWES, disputed=True), [], CN, NOON).because is Because.DISPUTED
    assert first_allowed(DEMAND, replace(OWES, relieved=True), [], CN, NOON).because is Because.RELIEVED
    reminder = replace(DEMAND, purpose=Purpose.REMINDER)
    assert may_contact(reminder, replace(OWES, relieved=True), [], CN, NOON).now, "of the eased plan one is reminded"


def test_g4_whoever_opted_out_of_offers_or_of_a_channel_hears_none_by_it() -> None:
    calm = replace(OWES, opted_out=frozenset({Purpose.OFFER, Channel.MESSAGE}))
    assert may_contact(replace(DEMAND, purpose=Purpose.OFFER, channel=Channel.APP), calm, [], CN, NOON).never
    assert may_contact(DEMAND, calm, [], CN, NOON).never
    assert may_contact(replace(DEMAND, channel=Channel.APP), calm, [], CN, NOON).now


def test_a_kind_that_was_ignored_is_silent_until_its_time_and_others_are_not() -> None:
    tired = replace(OWES, silent={"draft_waiting": NOON + 60 * DAY})
    reminder = Wish(Purpose.REMINDER, Channel.MESSAGE, "a", kind="draft_waiting")
    assert may_contact(reminder, tired, [], CN, NOON).at == NOON + 60 * DAY
    assert may_contact(replace(reminder, kind="condition_due"), tired, [], CN, NOON).now


def test_regulation_f_an_eighth_call_in_seven_days_and_a_call_within_seven_days_of_a_talk_wait() -> None:
    eastern = replace(OWES, offset=timedelta(hours=-5))
    midday = datetime(2026, 11, 30, 17, tzinfo=UTC)
    wide = replace(US, a_week=20, a_day=20, tries_at_number_a_day=20)
    seven = [was(midday - timedelta(hours=20 * n), Channel.CALL) for n in range(7, 0, -1)]
    assert may_contact(CALL, eastern, seven, wide, midday).because is Because.CALLS_IN_A_WEEK
    talked = [was(midday - timedelta(days=6), Channel.CALL, talked=True)]
    answer = may_contact(CALL, eastern, talked, wide, midday)
    assert (answer.because, answer.at) == (Because.AFTER_A_TALK, midday + DAY)
    assert may_contact(replace(CALL, channel=Channel.MESSAGE), eastern, talked, wide, midday).now


# --- random days ------------------------------------------------------------------------------------------------------


def broken(past: Sequence[Contact], under: Sequence[Any], rules: Rules, offset: timedelta) -> list[str]:
    """The rules read a second time, over what took place: counts in windows, hours by the minute of the day."""
    found: list[str] = []
    quiet = _minutes(rules.quiet)
    pressed = [(one, *with_) for one, with_ in zip(past, under, strict=True) if one.purpose in PRESSING]
    for n, (one, wish, standing) in enumerate(pressed):
        wall = one.at + offset
        if wall.hour * 60 + wall.minute in quiet:
            found.append(f"quiet {wall}")
        if one.purpose is Purpose.DEMAND and rules.calendar and _off(rules.calendar, wall.date()):
            found.append(f"holiday {wall}")
        found += [name for name, no in _forbidden(one, wish, standing, wall, rules).items() if no]
        before = [other for other, _, _ in pressed[:n]]
        day = [other for other in before if other.at > one.at - DAY]
        week = [other for other in before if other.at > one.at - WEEK]
        rings = [other for other in day if other.channel in RINGS and other.number == one.number]
        calls = [other for other in week if other.channel is Channel.CALL]
        is_call = one.channel is Channel.CALL
        found += ["day"] * (len(day) >= rules.a_day) + ["week"] * (len(week) >= rules.a_week)
        found += ["number"] * (one.channel in RINGS and len(rings) >= rules.tries_at_number_a_day)
        found += ["calls"] * (is_call and rules.calls_a_week is not None and len(calls) >= rules.calls_a_week)
        talked = is_call and rules.after_talk and [o for o in before if o.talked and o.at > one.at - rules.after_talk]
        found += ["talk"] * bool(talked)
        if before and before[-1].channel is not one.channel and not before[-1].talked:
            found += ["channel"] * (one.at - before[-1].at < rules.one_channel)
    return found + ["third"] * sum(wish.whom is Whom.THIRD for wish, _ in under)


def _forbidden(one: Contact, wish: Wish, standing: Standing, wall: datetime, rules: Rules) -> dict[str, bool]:
    not_offer = one.purpose is not Purpose.OFFER
    demand = one.purpose is Purpose.DEMAND
    return {
        "opted out": bool({one.purpose, one.channel} & standing.opted_out),
        "nothing owed": not_offer and not standing.owed,
        "disputed": demand and standing.disputed,
        "relieved": demand and standing.relieved,
        "complained": bool(standing.complained_at and one.at - standing.complained_at < rules.complaint),
        "promised": bool(not_offer and standing.promised_on and wall.date() <= standing.promised_on + DAY),
        "ignored": wish.kind in standing.silent and one.at < standing.silent[wish.kind],
    }


def _minutes(quiet: tuple[time, time]) -> frozenset[int]:
    begins, ends = (at.hour * 60 + at.minute for at in quiet)
    return frozenset(range(begins, ends) if begins < ends else (*range(begins, 1440), *range(ends)))


def _off(calendar: BusinessCalendar, day: date) -> bool:
    run = [day]
    while not calendar.is_business_day(run[0] - DAY) and not calendar.is_business_day(run[0]):
        run.insert(0, run[0] - DAY)
    while not calendar.is_business_day(run[-1] + DAY) and not calendar.is_business_day(run[-1]):
        run.append(run[-1] + DAY)
    return not calendar.is_business_day(day) and any(one in calendar.holidays for one in run)


def _lived(pack: str, days: int) -> None:
    rules, offset = PACKS[pack]
    counted = 0
    for seed in range(days // 250):
        past, under = lives(Random(seed), rules, offset, 250)
        assert broken(past, under, rules, offset) == [], f"seed {seed}"
        counted += len(past)
    assert counted > days / 4, "somebody was contacted, or nothing was tested"


@pytest.mark.parametrize("pack", PACKS)
def test_g4_on_ten_thousand_random_days_no_rule_of_a_pack_is_broken(pack: str) -> None:
    _lived(pack, 10_000)


@pytest.mark.long
@pytest.mark.parametrize("pack", PACKS)
def test_g4_on_a_million_random_days_no_rule_of_a_pack_is_broken(pack: str) -> None:
    _lived(pack, 1_000_000)


@pytest.mark.parametrize("rule", ["quiet", "a_day", "a_week", "tries_at_number_a_day", "one_channel", "complaint"])
def test_the_second_reading_finds_each_rule_that_the_engine_would_forget(rule: str) -> None:
    loose = {
        "quiet": (time(3), time(3, 1)), "a_day": 99, "a_week": 99, "tries_at_number_a_day": 99,
        "one_channel": timedelta(0), "complaint": timedelta(0),
    }  # fmt: skip
    found: set[str] = set()
    wide = replace(CN, a_day=99, a_week=99) if rule == "tries_at_number_a_day" else CN
    for seed in range(8):
        past, under = lives(Random(seed), replace(wide, **{rule: loose[rule]}), BEIJING, 250)
        found |= set(broken(past, under, CN if rule != "tries_at_number_a_day" else wide, BEIJING))
    assert found, rule
