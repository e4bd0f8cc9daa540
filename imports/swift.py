"""Statements in SWIFT MT940 as tables of text cells: tags and codes are read by the library mt-940.

A message becomes one table with headings that ``imports.columns`` knows, so that its lines go the way of all others.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from imports.misreadings import Notice, StatementNotUnderstood
from imports.sheets import Sheet, decode

HEADING = [
    "date",
    "money in",
    "money out",
    "currency",
    "balance",
    "counterparty",
    "description",
    "type",
    "transaction id",
]
_MESSAGE = re.compile(r"(?m)^\s*(?::20:|\{4:)")
# The codes that begin the parts of tag 86 where a bank writes them with slashes.
_NAME = re.compile(r"/(?:NAME|BENM|ORDP)/+(?:NAME/)?([^/\r\n]+)")
_REMITTED = re.compile(r"/(?:REMI|TRCD|PREF|EREF)/+(?:USTD//)?([^/\r\n]+)")
_NO_REFERENCE = ("NONREF", "NOREF", "NOTPROVIDED", "")


def sheets(data: bytes) -> Iterator[Sheet]:
    """One table for each message of a file. Raises StatementNotUnderstood ``no_lines``, ``broken``."""
    import mt940
    from mt940.models import Transactions

    text = decode(data)
    content = text.data.decode(text.encoding, "replace").replace("\r\n", "\n")
    try:
        for number, message in enumerate(_messages(content), start=1):
            told = Transactions()
            told.parse(message)
            yield _sheet(told, str(number))
    except StatementNotUnderstood:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, ArithmeticError, AssertionError):
        # Whatever a made-up message provokes in the library: its text may quote the file.
        raise StatementNotUnderstood("broken", where="MT940") from None
    finally:
        del mt940


def _messages(content: str) -> list[str]:
    starts = [found.start() for found in re.finditer(r"(?m)^\s*:20:", content)]
    ends = [*starts[1:], len(content)]
    return [content[start:end] for start, end in zip(starts, ends, strict=True)] or [content]


def _sheet(told: Any, number: str) -> Sheet:
    stated = told.data
    opening = stated.get("final_opening_balance") or stated.get("intermediate_opening_balance")
    closing = stated.get("final_closing_balance") or stated.get("intermediate_closing_balance")
    balance: Decimal | None = opening.amount.amount if opening else None
    account = str(stated.get("account_identification") or "").rsplit("/", 1)[-1]
    rows = [[f"account: {''.join(filter(str.isdigit, account))}"], HEADING]
    for line in told:
        amount: Decimal = line.data["amount"].amount
        if line.data.get("status") in ("RC", "RD"):
            amount = -amount  # what undoes money in is money out, which the library leaves to its caller
        balance = None if balance is None else balance + amount
        rows.append(_row(line.data, amount, balance))
    notices = []
    if closing is not None and balance is not None and closing.amount.amount != balance:
        minor = {"stated_minor": int(closing.amount.amount * 100), "found_minor": int(balance * 100)}
        notices.append(Notice("closing_balance_differs", where=number, params=minor))
    return Sheet(number, iter(rows), notices=notices)


def _row(told: dict[str, Any], amount: Decimal, balance: Decimal | None) -> list[str]:
    details = _text(told.get("transaction_details"))
    purpose = _text(told.get("purpose")) or _text(told.get("additional_purpose"))
    if not purpose:
        remitted = _REMITTED.search(details)
        purpose = remitted[1].strip() if remitted else details or _text(told.get("extra_details"))
    named = _NAME.search(details)
    who = _text(told.get("applicant_name")) or _text(told.get("recipient_name")) or (named[1].strip() if named else "")
    who = re.sub(r"^[A-Z]{2}\d{2}[A-Z0-9]{8,30}(?=\S)", "", who)  # some banks write the IBAN into the same field
    references = (_text(told.get(name)) for name in ("bank_reference", "customer_reference", "end_to_end_reference"))
    return [
        told["date"].isoformat()[:10],
        str(amount) if amount >= 0 else "",
        str(-amount) if amount < 0 else "",
        _text(told.get("currency")),
        "" if balance is None else str(balance),
        who,
        purpose,
        _text(told.get("posting_text")) or _text(told.get("id")),
        next((reference for reference in references if reference not in _NO_REFERENCE), ""),
    ]


def _text(value: object) -> str:
    return " ".join(str(value).split()) if value else ""
