"""Where a piece stands among claims: loan to value and rank, before its register has it and after (P18).

Whoever decides reads this before anything is signed: with the value that was accepted, with what is asked, and with the
claims that a search has found. What the register says later takes its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lending.collateral import CollateralRules, Piece, lends, loan_to_value


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece that is held. ``piece``: at its accepted value, None before one; ``registered_minor``: for how much ours
    is registered, or will be by a contract that is signed, 0 before; ``searched``: somebody asked the register."""

    id: str
    piece: Piece | None
    registered_minor: int
    registered: bool
    searched: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """``loan_to_value``: (prior + ours) / value, None without an accepted value; ``rank``: ours, None before a search;
    ``prior_minor``: of the claims that it found; ``before``: the register does not have ours yet."""

    loan_to_value: Decimal | None
    rank: int | None
    prior_minor: int | None
    before: bool


def standings(claims: Sequence[Claim], asked_minor: int, rules: CollateralRules) -> dict[str, Standing]:
    """Each piece by its id. What is asked weighs on the pieces in proportion to what each carries, and wholly: it is
    not cut to what they carry, so that too much asked shows as a ratio above what is lent on."""
    open_ = [one.piece for one in claims if one.piece is not None and not one.registered_minor]
    shares = _shares(asked_minor - sum(one.registered_minor for one in claims), open_, rules)
    return {one.id: _standing(one, shares.get(one.id, 0)) for one in claims}


def _standing(claim: Claim, share_minor: int) -> Standing:
    ours = claim.registered_minor or share_minor
    searched = claim.searched or claim.registered
    return Standing(
        loan_to_value=loan_to_value(claim.piece, ours) if claim.piece else None,
        rank=claim.piece.rank if claim.piece and searched else None,
        prior_minor=claim.piece.prior_minor if claim.piece and searched else None,
        before=not claim.registered,
    )


def _shares(asked_minor: int, pieces: Sequence[Piece], rules: CollateralRules) -> dict[str, int]:
    """Rounded up, the last one takes what is left. Pieces that carry nothing are weighed by their values."""
    left = max(0, asked_minor)
    weights = [lends(piece, rules) for piece in pieces]
    if not any(weights):
        weights = [piece.value_minor for piece in pieces]
    whole, shares = sum(weights), dict[str, int]()
    for piece, weight in zip(pieces, weights, strict=True):
        shares[piece.id] = -(-left * weight // whole) if whole else 0
        left -= shares[piece.id]
        whole -= weight
    return shares
