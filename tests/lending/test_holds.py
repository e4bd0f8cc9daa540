from datetime import UTC, datetime, timedelta

import pytest

from lending.holds import HoldPolicy, Seen, Sign, signs_of

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = HoldPolicy(5, timedelta(hours=1), 5_000_000, DAY, DAY, timedelta(minutes=15), timedelta(minutes=10))
FIRST = Seen("phone", "10.0.0.0/24", NOW - 30 * DAY)
LARGE, SMALL = 5_000_001, 5_000_000


def signs(
    *seen: Seen, amount: int = LARGE, tries: int = 0, device: str = "phone", network: str = "10.0.0.0/24"
) -> tuple[Sign, ...]:
    return signs_of(
        wrong_tries=tries, device=device, network=network, seen=seen, now=NOW, amount_minor=amount, policy=POLICY
    )


def test_p15_nothing_speaks_against_an_owner_on_the_device_and_in_the_place_that_they_began_with() -> None:
    assert signs(FIRST) == ()
    assert signs(Seen("phone", "10.0.0.0/24", NOW - timedelta(minutes=2))) == ()


@pytest.mark.parametrize(("tries", "asked"), [(4, ()), (5, (Sign.WRONG_TRIES,)), (60, (Sign.WRONG_TRIES,))])
def test_p15_repeated_wrong_codes_ask_at_any_amount(tries: int, asked: tuple[Sign, ...]) -> None:
    assert signs(FIRST, tries=tries, amount=1) == asked


@pytest.mark.parametrize(
    ("device", "network", "amount", "asked"),
    [
        ("tablet", "10.0.0.0/24", LARGE, (Sign.NEW_DEVICE,)),
        ("phone", "203.0.113.0/24", LARGE, (Sign.NEW_PLACE,)),
        ("tablet", "203.0.113.0/24", LARGE, (Sign.NEW_DEVICE, Sign.NEW_PLACE)),
        ("tablet", "203.0.113.0/24", SMALL, ()),
    ],
)
def test_p15_a_new_device_or_place_asks_about_a_large_amount(
    device: str, network: str, amount: int, asked: tuple[Sign, ...]
) -> None:
    assert signs(FIRST, device=device, network=network, amount=amount) == asked


@pytest.mark.parametrize(("age", "asked"), [(DAY - timedelta(minutes=1), (Sign.NEW_DEVICE,)), (DAY, ())])
def test_p15_a_device_is_known_after_a_day(age: timedelta, asked: tuple[Sign, ...]) -> None:
    again = Seen("tablet", "10.0.0.0/24", NOW)
    assert signs(FIRST, Seen("tablet", "10.0.0.0/24", NOW - age), again, device="tablet") == asked


def test_p15_what_was_never_kept_accuses_nobody() -> None:
    assert signs() == ()
    assert signs(Seen("phone", None, NOW - DAY), network="203.0.113.0/24") == ()
