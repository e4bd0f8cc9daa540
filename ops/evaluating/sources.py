"""Which columns of a data set a feature is made of: what somebody has to look at where it knows the answer."""

from scoring.catalogue import CATALOGUE, Group, Source

_OF_SOURCE = {
    Source.STATEMENTS: ("lines.at", "lines.direction", "lines.amount", "lines.counterparty", "lines.description"),
    Source.INVOICES: (
        "labelled_sales.invoice_date",
        "labelled_sales.amount_net",
        "labelled_purchases.invoice_date",
        "labelled_purchases.amount_net",
    ),
    Source.RECEIVABLES: ("labelled_sales.due_date", "labelled_sales.settled_date"),
    Source.ORDERS: ("orders",),
    Source.DECLARED: ("labels.amount_asked", "labels.months_asked"),
}


def columns_of(feature: str) -> tuple[str, ...]:
    """The source columns of a feature of the catalogue, of a ratio or an agreement of two columns, or of the column
    itself."""
    for one in CATALOGUE:
        if one.name == feature:
            balance = ("lines.balance",) if one.group is Group.BALANCE or feature == "asked_to_balance" else ()
            return balance if one.group is Group.BALANCE else (*_OF_SOURCE[one.source], *balance)
    for sign in (" / ", " = "):
        one, found, other = feature.partition(sign)
        if found:
            return one, other
    return (feature,)
