"""Whom a draw is paid to: the borrower (自主支付), or whoever they buy from (受托支付); lending practice P14."""

from dataclasses import dataclass
from enum import StrEnum

from lending.refusals import NotOnPaper, PayeeMissing


class PaymentMode(StrEnum):
    """``self``: to the borrower's own account; ``entrusted``: to a named counterparty, against a paper, free."""

    SELF = "self"
    ENTRUSTED = "entrusted"


@dataclass(frozen=True, slots=True)
class NamedPayee:
    """Whom the owner named. ``covers_minor``: what the named papers say is owed to a seller of exactly this name."""

    covers_minor: int


def payment_mode(amount_minor: int, self_up_to_minor: int | None, payee: NamedPayee | None) -> PaymentMode:
    """How one draw is paid. Up to the product's limit the owner chooses, by naming somebody; above it they must.

    ``self_up_to_minor`` None: the product sets no limit. Raises :class:`PayeeMissing` above the limit without a payee,
    :class:`NotOnPaper` where the papers owe that name less than is paid: nothing is paid that no paper asks for.
    """
    if amount_minor <= 0:
        raise ValueError("an amount is positive")
    if payee is None:
        if self_up_to_minor is not None and amount_minor > self_up_to_minor:
            raise PayeeMissing(limit_minor=self_up_to_minor)
        return PaymentMode.SELF
    if payee.covers_minor < amount_minor:
        raise NotOnPaper(covers_minor=payee.covers_minor)
    return PaymentMode.ENTRUSTED
