"""Statements in ISO 20022 camt.052, 053 and 054, any version, as tables of text cells.

XML is read by the standard library behind defusedxml, which refuses document types, entities and outside references
before they are expanded. ``lending/camt053.py`` reads our own rail's statement and refuses what does not add up to the
cent; this reads a stranger's export and says what does not.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from imports.misreadings import Notice, StatementNotUnderstood
from imports.sheets import Sheet

HEADING = [
    "date", "time", "money in", "money out", "currency", "balance", "counterparty", "description", "type", "status",
    "transaction id",
]  # fmt: skip
MOST_TAGS = 4_000_000
_KINDS = ("Stmt", "Rpt", "Ntfctn")
_STATUS = {"BOOK": "", "PDNG": "pending", "INFO": "pending", "FUTR": "pending"}
_NO_REFERENCE = ("NOTPROVIDED", "NONREF", "")


def sheets(data: bytes) -> Iterator[Sheet]:
    """One table for each statement of a document. Raises StatementNotUnderstood ``broken``, ``xml_refused``."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if data.count(b"<") > MOST_TAGS:
        raise StatementNotUnderstood("too_many_rows", limit=MOST_TAGS)
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise StatementNotUnderstood("xml_refused") from None
    except (ParseError, ValueError, LookupError):
        raise StatementNotUnderstood("truncated" if not data.rstrip().endswith(b">") else "broken") from None
    found = [each for each in root.iter() if _name(each) in _KINDS]
    if not found:
        raise StatementNotUnderstood("not_a_bill")
    for number, given in enumerate(found, start=1):
        yield _sheet(given, str(number))


def _sheet(given: Element, number: str) -> Sheet:
    account = _text(given, "Acct/Id/IBAN") or _text(given, "Acct/Id/Othr/Id")
    owner = _text(given, "Acct/Ownr/Nm")
    opening = _balance(given, ("OPBD", "PRCD", "OPAV"))
    closing = _balance(given, ("CLBD",))
    rows = [[f"account: {''.join(filter(str.isdigit, account))}"], [f"account name: {owner}"] if owner else [], HEADING]
    balance = opening
    entries = [entry for entry in given if _name(entry) == "Ntry"]
    for entry in entries:
        for row, amount in _rows(entry):
            booked = not row[9]
            if balance is not None and booked and amount is not None:
                balance += amount
                row[5] = str(balance)
            rows.append(row)
    notices = []
    if closing is not None and balance is not None and opening is not None and closing != balance:
        minor = {"stated_minor": int(closing * 100), "found_minor": int(balance * 100)}
        notices.append(Notice("closing_balance_differs", where=number, params=minor))
    return Sheet(number, iter(rows), notices=notices)


def _balance(given: Element, codes: tuple[str, ...]) -> Decimal | None:
    for code in codes:
        for each in given:
            if _name(each) == "Bal" and _text(each, "Tp/CdOrPrtry/Cd") == code:
                return _signed(each)
    return None


def _signed(given: Element) -> Decimal | None:
    try:
        amount = Decimal(_text(given, "Amt"))
    except InvalidOperation:
        return None
    return -amount if _text(given, "CdtDbtInd") == "DBIT" else amount


def _rows(entry: Element) -> Iterator[tuple[list[str], Decimal | None]]:
    """An entry as one row, or one for each payment where a batch says what is in it and that adds up."""
    details = [each for block in _all(entry, "NtryDtls") for each in _all(block, "TxDtls")]
    total = _signed(entry)
    parts = [_part(each, entry) for each in details]
    if len(details) > 1 and total is not None and None not in parts and sum(part or 0 for part in parts) == total:
        for number, (each, part) in enumerate(zip(details, parts, strict=True), start=1):
            yield _row(entry, each, part, number), part
        return
    yield _row(entry, details[0] if len(details) == 1 else None, total, 0), total


def _part(detail: Element, entry: Element) -> Decimal | None:
    text = _text(detail, "Amt") or _text(detail, "AmtDtls/TxAmt/Amt")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    way = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    return -amount if way == "DBIT" else amount


def _row(entry: Element, detail: Element | None, amount: Decimal | None, number: int) -> list[str]:
    days = (_text(entry, path) for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
    day = next((text for text in days if text), "")
    source = detail if detail is not None else entry
    # Who is on the other side: the debtor of what came in, the creditor of what went out.
    parties = ("Dbtr", "UltmtDbtr") if amount is not None and amount >= 0 else ("Cdtr", "UltmtCdtr")
    who = next((name for party in parties if (name := _party(source, party))), "")
    remitted = " ".join(_texts(source, "RmtInf/Ustrd")) or _text(source, "RmtInf/Strd/CdtrRefInf/Ref")
    about = remitted or _text(source, "AddtlTxInf") or _text(entry, "AddtlNtryInf")
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    names = ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId")
    own = [_text(source, name) for name in names] if detail is not None else []
    if number:
        own = [*own[1:], own[0]]  # the bank's reference is the batch's; the payment's own comes first
    ours = (_text(entry, "AcctSvcrRef"), _text(entry, "NtryRef"))
    references = [*own, *ours] if number else [*ours, *own]
    reference = next((text for text in references if text not in _NO_REFERENCE), "")
    amt = next(_all(entry, "Amt"), None)
    return [
        day[:10],
        day[11:19],
        str(amount) if amount is not None and amount >= 0 else "",
        str(-amount) if amount is not None and amount < 0 else "",
        amt.get("Ccy", "") if amt is not None else "",
        "",
        who,
        about,
        "reversal" if _text(entry, "RvslInd") == "true" else _text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd"),
        _STATUS.get(status, ""),
        reference,
    ]


def _party(source: Element, party: str) -> str:
    return _text(source, f"RltdPties/{party}/Nm") or _text(source, f"RltdPties/{party}/Pty/Nm")


# --- names without their namespace ------------------------------------------------------------------------------------
def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(element: Element, path: str) -> Iterator[Element]:
    head, _, rest = path.partition("/")
    for child in element:
        if _name(child) == head:
            if rest:
                yield from _all(child, rest)
            else:
                yield child


def _texts(element: Element, path: str) -> list[str]:
    return [" ".join((found.text or "").split()) for found in _all(element, path)]


def _text(element: Element, path: str) -> str:
    return next(iter(_texts(element, path)), "")
