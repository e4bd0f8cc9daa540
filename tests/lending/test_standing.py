"""Loan to value and rank of what secures a loan, before a register has it (P18)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lending.collateral import CollateralKind, Piece, loan_to_value
from lending.standing import Claim, standings
from policies.book import load

RULES = load().collateral
HOUSE = Piece("a", CollateralKind.REAL_ESTATE, 400_000_000, prior_minor=40_000_000, earlier=1)
PRESS = Piece("b", CollateralKind.EQUIPMENT, 200_000_000)


def claim(piece: Piece, *, ours: int = 0, registered: bool = False, searched: bool = True) -> Claim:
    return Claim(piece.id, piece, ours, registered, searched)


def test_p18_before_registration_it_is_what_is_asked_and_what_stands_before_us_over_the_accepted_value() -> None:
    one = standings([claim(HOUSE)], 200_000_000, RULES)["a"]
    assert (one.loan_to_value, one.rank, one.prior_minor, one.before) == (Decimal("0.6000"), 2, 40_000_000, True)


def test_p18_a_piece_without_an_accepted_value_has_no_loan_to_value_whatever_the_model_says() -> None:
    one = standings([Claim("a", None, 0, registered=False, searched=True)], 200_000_000, RULES)["a"]
    assert (one.loan_to_value, one.rank, one.prior_minor, one.before) == (None, None, None, True)


def test_p18_nobody_ranks_before_a_search_and_the_ratio_says_what_is_known() -> None:
    unknown = Piece("a", CollateralKind.REAL_ESTATE, 400_000_000)
    one = standings([claim(unknown, searched=False)], 200_000_000, RULES)["a"]
    assert (one.loan_to_value, one.rank, one.prior_minor) == (Decimal("0.5000"), None, None)


def test_p18_after_registration_it_is_what_the_register_has_and_not_what_is_asked() -> None:
    one = standings([claim(HOUSE, ours=100_000_000, registered=True)], 999_000_000, RULES)["a"]
    assert (one.loan_to_value, one.before) == (Decimal("0.3500"), False)


def test_p18_signed_and_not_registered_yet_is_still_before_registration() -> None:
    one = standings([claim(HOUSE, ours=100_000_000)], 999_000_000, RULES)["a"]
    assert (one.loan_to_value, one.before) == (Decimal("0.3500"), True)


def test_p18_too_much_asked_shows_and_is_not_cut_to_what_the_piece_carries() -> None:
    one = standings([claim(HOUSE)], 500_000_000, RULES)["a"]
    assert one.loan_to_value == Decimal("1.3500")


def test_p18_a_piece_of_a_rank_that_carries_nothing_still_tells_its_ratio() -> None:
    third = Piece("a", CollateralKind.REAL_ESTATE, 400_000_000, prior_minor=100_000_000, earlier=9)
    assert standings([claim(third)], 100_000_000, RULES)["a"].loan_to_value == Decimal("0.5000")


minor = st.integers(min_value=1, max_value=10**12)


@given(asked=minor, values=st.lists(minor, min_size=1, max_size=5))
def test_p18_all_that_is_asked_weighs_on_the_pieces_together(asked: int, values: list[int]) -> None:
    pieces = [Piece(str(n), CollateralKind.REAL_ESTATE, value) for n, value in enumerate(values)]
    found = standings([claim(piece) for piece in pieces], asked, RULES)
    ratios = {piece.id: found[piece.id].loan_to_value or Decimal(0) for piece in pieces}
    carried = sum(ratios[piece.id] * piece.value_minor for piece in pieces)
    assert carried >= asked, "nothing of it is left out; each ratio is rounded up"
    if len(pieces) == 1:
        assert ratios["0"] == loan_to_value(pieces[0], asked)
