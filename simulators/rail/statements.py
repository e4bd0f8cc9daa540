"""What the rail tells of a day: the settlement account's statement as rows and as camt.053, and the witness's book."""

import sqlite3
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Refused, day_asked, instant, now, said
from simulators.book import Book
from simulators.faults import Faults, troubled
from simulators.rail.book import SETTLEMENT, account_of, reference_of

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


class Statements:
    def __init__(self, book: Book, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/statement", troubled(self._faults, self._rows)),
            Route("/statement.camt053", troubled(self._faults, self._camt)),
            Route("/book", self._witness),
        ]

    async def _rows(self, request: Request) -> Response:
        return said(await self._statement(request))

    async def _camt(self, request: Request) -> Response:
        return Response(camt053(await self._statement(request)), media_type="application/xml")

    async def _statement(self, request: Request) -> dict[str, object]:
        on = day_asked(request, "on")
        account = request.query_params.get("account", SETTLEMENT)
        statement = await self._book.read(lambda book: statement_of(book, account, on))
        if statement is None:
            raise Refused(404, "account_not_found")
        return statement

    async def _witness(self, request: Request) -> Response:
        return said(await self._book.read(_witness))


def statement_of(book: sqlite3.Connection, account: str, on: date) -> dict[str, object] | None:
    """Opening and closing balance in fen and the day's bookings between them, oldest first."""
    if account_of(book, account) is None:
        return None
    day = on.isoformat()
    opening = book.execute(
        "select coalesce(sum(amount_minor), 0) as m from movement where account = ? and booked_on < ?", (account, day)
    ).fetchone()["m"]
    rows = book.execute(
        "select * from movement where account = ? and booked_on = ? order by n", (account, day)
    ).fetchall()
    return {
        "account": account,
        "on": day,
        "opening_minor": opening,
        "closing_minor": opening + sum(row["amount_minor"] for row in rows),
        "rows": [movement_told(row) for row in rows],
    }


def movement_told(row: sqlite3.Row) -> dict[str, object]:
    return {
        "rail_reference": reference_of(row["n"], date.fromisoformat(row["booked_on"])),
        "kind": row["kind"],
        "order_id": row["order_id"],
        "amount_minor": row["amount_minor"],
        "currency": "CNY",
        "booked_on": row["booked_on"],
        "at": instant(row["at"]),
        "counterparty": row["counterparty"],
        "remark": row["reference"],
    }


def camt053(statement: dict[str, object]) -> bytes:
    """The same statement as an ISO 20022 bank-to-customer statement."""
    root = Element("Document", xmlns=CAMT)
    outer = SubElement(root, "BkToCstmrStmt")
    header = SubElement(outer, "GrpHdr")
    _leaf(header, "MsgId", f"STMT-{statement['account']}-{statement['on']}")
    _leaf(header, "CreDtTm", now().isoformat(timespec="seconds"))
    inner = SubElement(outer, "Stmt")
    _leaf(inner, "Id", f"{statement['account']}-{statement['on']}")
    identity = SubElement(SubElement(SubElement(inner, "Acct"), "Id"), "Othr")
    _leaf(identity, "Id", str(statement["account"]))
    for code, key in (("OPBD", "opening_minor"), ("CLBD", "closing_minor")):
        balance = SubElement(inner, "Bal")
        _leaf(SubElement(SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
        _amount(balance, int(str(statement[key])))
        _leaf(SubElement(balance, "Dt"), "Dt", str(statement["on"]))
    rows = statement["rows"]
    assert isinstance(rows, list)  # noqa: S101 (made by statement_of)
    for row in rows:
        entry = SubElement(inner, "Ntry")
        _leaf(entry, "NtryRef", row["rail_reference"])
        _amount(entry, row["amount_minor"])
        _leaf(SubElement(entry, "Sts"), "Cd", "BOOK")
        _leaf(SubElement(entry, "BookgDt"), "Dt", row["booked_on"])
        _leaf(SubElement(SubElement(entry, "BkTxCd"), "Prtry"), "Cd", row["kind"])
        detail = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
        _leaf(SubElement(detail, "Refs"), "EndToEndId", row["order_id"] or "NOTPROVIDED")
        _leaf(SubElement(detail, "RmtInf"), "Ustrd", row["remark"])
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _leaf(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _amount(parent: Element, minor: int) -> None:
    amount = SubElement(parent, "Amt", Ccy="CNY")
    amount.text = f"{Decimal(abs(minor)).scaleb(-2):.2f}"
    _leaf(parent, "CdtDbtInd", "DBIT" if minor < 0 else "CRDT")


def _witness(book: sqlite3.Connection) -> dict[str, object]:
    """Counted from the movements themselves, so that a payment booked twice shows as paid twice."""
    payments = book.execute(
        "select p.end_to_end_id, p.reference, p.amount_minor, p.state, p.reason,"
        " (select count(*) from movement m where m.order_id = p.end_to_end_id and m.kind = 'payment'"
        "   and m.account <> ?) as times_paid,"
        " (select coalesce(sum(m.amount_minor), 0) from movement m where m.order_id = p.end_to_end_id"
        "   and m.kind = 'payment' and m.account <> ?) as paid_minor,"
        " (select coalesce(-sum(m.amount_minor), 0) from movement m where m.order_id = p.end_to_end_id"
        "   and m.kind = 'return' and m.account <> ?) as returned_minor"
        " from payment p order by p.accepted_at, p.end_to_end_id",
        (SETTLEMENT, SETTLEMENT, SETTLEMENT),
    ).fetchall()
    sums = book.execute(
        "select kind, count(*) as n, sum(amount_minor) as minor from movement where account = ? group by kind",
        (SETTLEMENT,),
    ).fetchall()
    untied = book.execute(
        "select count(*) as n from account a where balance_minor <>"
        " (select coalesce(sum(amount_minor), 0) from movement m where m.account = a.account)"
    ).fetchone()["n"]
    collected = book.execute(
        "select count(*) as n, coalesce(sum(amount_minor), 0) as minor from receipt where state <> 'refused'"
    ).fetchone()
    return {
        "payments": [dict(row) for row in payments],
        "paid_minor": sum(row["paid_minor"] for row in payments),
        "returned_minor": sum(row["returned_minor"] for row in payments),
        "paid_more_than_once": [row["end_to_end_id"] for row in payments if row["times_paid"] > 1],
        "collected": {"receipts": collected["n"], "minor": collected["minor"]},
        "settlement": {row["kind"]: {"movements": row["n"], "minor": row["minor"]} for row in sums},
        "settlement_balance_minor": account_of(book, SETTLEMENT)["balance_minor"],
        "accounts_that_do_not_tie": untied,
    }
