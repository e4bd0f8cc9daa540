"""What the lender's own people are refused: words that may not leave, and a yes whose file has gaps."""

from lending.refusing import Refusal


class RateInWords(Refusal, code="rate_in_words", params=("said",)):
    """Words to a customer say a rate that is none of theirs: what it costs is quoted from the catalogue."""


class ApprovalPromised(Refusal, code="approval_promised", params=("said",)):
    """Words to a customer promise what nobody has decided yet."""


class NotSecuredYet(Refusal, code="not_secured_yet", params=("piece",)):
    """A piece that the contract names has no number in its register: nobody lets the money go before (P18)."""


class DutiesOpen(Refusal, code="duties_open", params=("duty",)):
    """The lender's list has a gap for this case: nobody says yes over it, alone or by vote (尽职免责, P33)."""
