"""What secures a loan is refused: one's own, offered before, and an invoice that the tax bureau has otherwise."""

from lending.refusing import Refusal


class ReceivableOwn(Refusal, code="receivable_own", params=("offered_on", "receivable")):
    """One's own invoice, offered before: on which day, and where it stands (:class:`lending.receivables`)."""


class InvoiceDiffers(Refusal, code="invoice_differs", params=("invoice_field",)):
    """The tax bureau has the invoice of this number otherwise: in which field, the weightiest."""


class CollateralOwn(Refusal, code="collateral_own"):
    """One's own thing, offered before for this application or another of one's own."""
