"""A bank's statement in ISO 20022 camt.053 (any version), read into plain rows. Nothing else of XML is accepted.

A document type or an entity is refused before the parser sees it: no statement has one, and expansion is how a small
file becomes a large one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, ParseError, XMLParser

from lending.money import BadAmount, Money, UnknownCurrency

# A day of a busy settlement account has some ten thousand bookings of a kilobyte each.
BYTES_AT_MOST = 64 * 1024 * 1024
# Some forty elements a booking; a file of nothing but tags would fill the memory long before it is that large.
TAGS_AT_MOST = 4_000_000
BOOKED = "BOOK"


class NotAStatement(ValueError):
    """The file is no camt.053 statement that can be trusted: says what is wrong, in one line."""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One booking on the account: ``amount_minor`` is signed, money that came in is positive.

    ``order_id``: the end-to-end id that the payment carried, None where the bank names none.
    """

    reference: str
    order_id: str | None
    amount_minor: int
    currency: str
    booked_on: date
    text: str = ""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One account, opening and closing balance in minor units, and the booked rows between them."""

    id: str
    account: str
    currency: str
    opening_minor: int
    closing_minor: int
    rows: tuple[BankRow, ...]

    @property
    def adds_up(self) -> bool:
        return self.opening_minor + sum(row.amount_minor for row in self.rows) == self.closing_minor


def read(data: bytes) -> list[BankStatement]:
    """All statements of a file; :class:`NotAStatement` says why not."""
    if len(data) > BYTES_AT_MOST:
        raise NotAStatement(f"larger than {BYTES_AT_MOST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAStatement("not UTF-8") from None
    if "<!" in text.replace("<!--", ""):
        raise NotAStatement("a document type, an entity or a CDATA section has no place in a statement")
    if text.count("<") > TAGS_AT_MOST:
        raise NotAStatement(f"more than {TAGS_AT_MOST} tags")
    parser = XMLParser()  # noqa: S314 (nothing that could expand gets here)
    try:
        parser.feed(text)
        root = parser.close()
    except ParseError as error:
        raise NotAStatement(f"not well-formed XML: {error}") from None
    if _name(root) != "Document" or "camt.053" not in root.tag:
        raise NotAStatement("the document is no camt.053")
    found = [_statement(each) for each in _all(root, "BkToCstmrStmt/Stmt")]
    if not found:
        raise NotAStatement("the document holds no statement")
    return found


def _statement(given: Element) -> BankStatement:
    opening, closing = _balance(given, ("OPBD", "PRCD")), _balance(given, ("CLBD",))
    if opening.currency != closing.currency:
        raise NotAStatement("opening and closing balance are in different currencies")
    rows = [row for entry in _all(given, "Ntry") for row in _rows(entry)]
    if any(row.currency != closing.currency for row in rows):
        raise NotAStatement(f"a booking is not in {closing.currency}, the currency of the account")
    account = _text(given, "Acct/Id/IBAN") or _text(given, "Acct/Id/Othr/Id")
    if not account:
        raise NotAStatement("the statement names no account")
    return BankStatement(_needed(given, "Id"), account, closing.currency, opening.minor, closing.minor, tuple(rows))


def _balance(given: Element, codes: tuple[str, ...]) -> Money:
    for each in _all(given, "Bal"):
        if _text(each, "Tp/CdOrPrtry/Cd") in codes:
            return _signed(each)
    raise NotAStatement(f"a balance is missing: {' or '.join(codes)}")


def _rows(entry: Element) -> Iterator[BankRow]:
    """A booked entry as one row, or one per payment where the bank booked a batch and says what is in it."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status != BOOKED:
        return  # pending or for information: no money has moved
    total = _signed(entry)
    reference = _text(entry, "NtryRef") or _needed(entry, "AcctSvcrRef")
    booked_on = _day(entry)
    details = list(_all(entry, "NtryDtls/TxDtls"))
    if len(details) > 1:
        amounts = [_detail_amount(each, total) for each in details]
        if sum(amount.minor for amount in amounts) != total.minor:
            raise NotAStatement(f"entry {reference}: the payments of the batch do not add up to its amount")
        for number, (each, amount) in enumerate(zip(details, amounts, strict=True), start=1):
            yield _row(each, f"{reference}/{number}", amount, booked_on)
        return
    yield _row(details[0] if details else entry, reference, total, booked_on)


def _row(detail: Element, reference: str, amount: Money, booked_on: date) -> BankRow:
    order_id = _text(detail, "Refs/EndToEndId")
    return BankRow(
        reference,
        None if order_id in (None, "", "NOTPROVIDED") else order_id,
        amount.minor,
        amount.currency,
        booked_on,
        _text(detail, "RmtInf/Ustrd") or _text(detail, "AddtlNtryInf") or "",
    )


def _detail_amount(detail: Element, total: Money) -> Money:
    found = _one(detail, "Amt")
    if found is None:
        found = _one(detail, "AmtDtls/TxAmt/Amt")
    if found is None:
        raise NotAStatement("a payment of a batch has no amount")
    amount = _money(found)
    direction = _text(detail, "CdtDbtInd")
    negative = total.minor < 0 if direction is None else direction == "DBIT"
    return -amount if negative else amount


def _signed(given: Element) -> Money:
    found, direction = _one(given, "Amt"), _text(given, "CdtDbtInd")
    if found is None or direction not in ("CRDT", "DBIT"):
        raise NotAStatement(f"{_name(given)}: an amount and CRDT or DBIT are needed")
    return -_money(found) if direction == "DBIT" else _money(found)


def _money(given: Element) -> Money:
    try:
        amount = Money.parse((given.text or "").strip(), given.get("Ccy", ""))
    except (BadAmount, UnknownCurrency) as error:
        raise NotAStatement(str(error)) from None
    if amount.minor < 0:
        raise NotAStatement("an amount is negative: its direction says so, not its sign")
    return amount


def _day(entry: Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    if text is None:
        raise NotAStatement("an entry has no booking date")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise NotAStatement(f"{text[:20]!r} is no date") from None


# --- names without their namespace ------------------------------------------------------------------------------------
def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, path: str) -> Iterator[Element]:
    head, _, rest = path.partition("/")
    for child in element:
        if _name(child) == head:
            if rest:
                yield from _all(child, rest)
            else:
                yield child


def _one(element: Element, path: str) -> Element | None:
    return next(_all(element, path), None)


def _text(element: Element, path: str) -> str | None:
    found = _one(element, path)
    return None if found is None else (found.text or "").strip()


def _needed(element: Element, path: str) -> str:
    text = _text(element, path)
    if not text:
        raise NotAStatement(f"{_name(element)}: {path} is missing")
    return text
