"""The number that a thing is known by: on its certificate, its plate, its frame."""

from lending.invoices import plain_number

# Numbers that a piece is known by, so that what was copied on the spot is held against it. A count has a sheet of its
# own, and an invoice was read by the bureau.
KNOWN_BY = frozenset({"certificate", "serial", "frame", "receipt", "parcel", "ip_number"})


def same_number(copied: str, said: str) -> bool:
    """Whether a number that was copied on the spot is the one that a piece is known by: letters and digits, whatever
    their width, their case and what stands between them."""
    return plain_number(copied) == plain_number(said)
