"""A proof of identity serves again in every channel while valid, and ends with time, device, place or risk (S1-20)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.assertions import PROVES, Assertion, End, Here, Level, Method, level_of, proofs, why_not
from lending.identity import VALID_FOR, CheckKind
from lending.parties import PartyKind
from lending.release import rests_until
from policies.book import load

PROFILES = load().profiles
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ABOUT = {kind: kind.value.encode() for kind in CheckKind}


def proof(method: Method = Method.LIVENESS, *, at: datetime = NOW, level: Level = Level.SUBSTANTIAL) -> Assertion:
    kind = PROVES[method]
    return Assertion(method, level, ABOUT[kind], at, at + VALID_FOR[kind], "phone", "10.0.0.0/24")


HERE = Here(NOW, ABOUT, Level.LOW, "phone", "10.0.0.0/24")
METHODS = st.sampled_from(Method)
MOMENTS = st.timedeltas(timedelta(days=-1), timedelta(days=400)).map(NOW.__add__)
HERES = st.builds(
    Here,
    now=MOMENTS,
    about=st.sampled_from((ABOUT, {**ABOUT, CheckKind.BANK_CARD: b"another"}, {})),
    level=st.sampled_from(Level),
    device=st.sampled_from((None, "phone", "tablet")),
    place=st.sampled_from((None, "10.0.0.0/24", "203.0.113.0/24")),
    held_at=st.none() | MOMENTS,
    factor_at=st.none() | MOMENTS,
)


@pytest.mark.parametrize("method", Method)
def test_the_assertion_serves_in_every_channel_while_valid(method: Method) -> None:
    for here in (HERE, replace(HERE, device=None, place=None)):  # the owner's page; a manager's or a partner's channel
        assert why_not(proof(method), here) is None


@pytest.mark.parametrize(
    ("here", "why"),
    [
        (replace(HERE, now=NOW + VALID_FOR[CheckKind.LIVENESS]), End.EXPIRED),
        (replace(HERE, now=NOW - SECOND), End.EXPIRED),
        (replace(HERE, device="tablet"), End.DEVICE),
        (replace(HERE, device=""), End.DEVICE),
        (replace(HERE, place="203.0.113.0/24"), End.PLACE),
        (replace(HERE, held_at=NOW + SECOND), End.HOLD),
        (replace(HERE, factor_at=NOW + SECOND), End.FACTOR),
        (replace(HERE, level=Level.HIGH), End.RISK),
        (replace(HERE, about={**ABOUT, CheckKind.LIVENESS: b"somebody else"}), End.ABOUT),
    ],
)
def test_it_is_invalid_after_expiry_a_change_of_device_or_place_and_when_risk_is_higher(here: Here, why: End) -> None:
    assert why_not(proof(), here) is why


def test_what_is_not_known_is_never_the_same() -> None:
    assert why_not(replace(proof(), device=""), replace(HERE, device="")) is End.DEVICE


@given(METHODS, HERES, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_ended_never_serves_again_as_time_goes_on(method: Method, here: Here, later: timedelta) -> None:
    given_ = proof(method)
    if here.now >= NOW and why_not(given_, here) is not None:
        assert why_not(given_, replace(here, now=here.now + later)) is not None


@given(METHODS, HERES, st.sampled_from(Level))
def test_more_risk_never_lets_a_proof_serve_that_did_not(method: Method, here: Here, level: Level) -> None:
    if level >= here.level and why_not(proof(method), here) is not None:
        assert why_not(proof(method), replace(here, level=level)) is not None


@given(st.lists(st.tuples(METHODS, MOMENTS, st.sampled_from(Level)), max_size=6), HERES, st.sampled_from(PartyKind))
def test_each_required_check_is_served_or_asked_for_and_never_both(
    held: list[tuple[Method, datetime, Level]], here: Here, kind: PartyKind
) -> None:
    required = PROFILES[kind].checks
    found = proofs(required, [proof(method, at=at, level=level) for method, at, level in held], here)
    assert set(found.serving) | set(found.missing) == set(required)
    assert not set(found.serving) & set(found.missing)
    assert set(found.ended) <= set(found.missing)
    assert all(why_not(one, here) is None and one.proves is check for check, one in found.serving.items())


def test_p17_being_seen_by_a_person_proves_what_a_face_proves() -> None:
    for method in (Method.LIVENESS, Method.VIDEO, Method.BRANCH):
        assert proofs((CheckKind.LIVENESS,), [proof(method)], HERE).missing == ()


def test_the_level_of_a_proof_follows_the_tier_of_the_money() -> None:
    policy = load().release
    levels = [level_of(minor, policy) for minor in (1, 5_000_000, 5_000_001, 20_000_000, 20_000_001)]
    assert levels == [Level.LOW, Level.LOW, Level.SUBSTANTIAL, Level.SUBSTANTIAL, Level.HIGH]


def test_authn_6_for_24_hours_after_a_change_of_factor_the_high_tier_is_refused() -> None:
    policy = load().release
    day = timedelta(hours=24)
    for tier in policy.tiers:
        refused = rests_until(tier, NOW, NOW + day - SECOND, policy)
        assert refused == (NOW + day if tier.factors > 1 else None)
        assert rests_until(tier, NOW, NOW + day, policy) is None
        assert rests_until(tier, None, NOW, policy) is None
