"""The bank's statement is read without trust and matched against our books; each break has its reason."""

from datetime import date

import pytest

from lending.camt053 import BankRow, BankStatement, NotAStatement, read
from lending.reconciliation import OurRow, Reason, reconcile
from simulators.rail.statements import camt053

DAY = date(2026, 11, 21)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def told(rows: list[dict[str, object]], opening: int = 1_000_000) -> bytes:
    """What our simulated rail says of a day."""
    total = sum(int(str(row["amount_minor"])) for row in rows)
    return camt053(
        {
            "account": "6222",
            "on": DAY.isoformat(),
            "opening_minor": opening,
            "closing_minor": opening + total,
            "rows": rows,
        }
    )


def row(order_id: str | None, amount: int, reference: str = "R1", kind: str = "payment") -> dict[str, object]:
    return {
        "rail_reference": reference,
        "kind": kind,
        "order_id": order_id,
        "amount_minor": amount,
        "booked_on": DAY.isoformat(),
        "remark": "活水",
    }


def document(body: str, *, namespace: str = NAMESPACE, root: str = "Document") -> bytes:
    return f'<?xml version="1.0"?><{root} xmlns="{namespace}"><BkToCstmrStmt>{body}</BkToCstmrStmt></{root}>'.encode()


def statement(entries: str = "", opening: str = "100.00", closing: str = "100.00", currency: str = "CNY") -> str:
    def balance(code: str, amount: str) -> str:
        kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        return f'<Bal>{kind}<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'

    account = "<Acct><Id><Othr><Id>6222</Id></Othr></Id></Acct>"
    return f"<Stmt><Id>S1</Id>{account}{balance('OPBD', opening)}{balance('CLBD', closing)}{entries}</Stmt>"


def entry(amount: str, details: str = "", status: str = "<Sts><Cd>BOOK</Cd></Sts>", direction: str = "CRDT") -> str:
    return (
        f'<Ntry><NtryRef>E1</NtryRef><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>2026-11-21</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def test_the_rails_own_statement_is_read_back() -> None:
    (found,) = read(told([row("A", -8_000_000), row(None, 120, "R2", "transfer")]))
    assert (found.account, found.currency, found.opening_minor, found.closing_minor) == (
        "6222",
        "CNY",
        1_000_000,
        -6_999_880,
    )
    assert found.rows == (
        BankRow("R1", "A", -8_000_000, "CNY", DAY, "活水"),
        BankRow("R2", None, 120, "CNY", DAY, "活水"),
    )
    assert found.adds_up


def test_a_batch_is_read_payment_by_payment() -> None:
    details = "".join(
        f'<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy="CNY">{amount}</Amt></TxDtls>'
        for name, amount in (("A", "10.00"), ("B", "5.50"))
    )
    (found,) = read(document(statement(entry("15.50", details), closing="115.50")))
    assert [(r.reference, r.order_id, r.amount_minor) for r in found.rows] == [("E1/1", "A", 1_000), ("E1/2", "B", 550)]
    with pytest.raises(NotAStatement, match="do not add up"):
        read(document(statement(entry("15.51", details))))


def test_what_is_pending_has_not_moved() -> None:
    (found,) = read(
        document(statement(entry("15.50", status="<Sts>PDNG</Sts>") + entry("1.00", status="<Sts>BOOK</Sts>")))
    )
    assert [r.amount_minor for r in found.rows] == [100]


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa">]><Document xmlns="x:camt.053">&a;</Document>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "document type"),
        (document("<![CDATA[x]]>"), "CDATA"),
        ("<Document/>".encode("utf-16"), "not UTF-8"),
        (b"<Document", "not well-formed"),
        (document("", namespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"), "no camt.053"),
        (document(""), "holds no statement"),
        (document(statement(entry("1.001"))), "more decimals"),
        (document(statement(entry("-1.00"))), "negative"),
        (document(statement(entry("1.00", direction="UP"))), "CRDT or DBIT"),
        (document(statement(entry("1.00").replace("2026-11-21", "2026-02-31"))), "is no date"),
        (document(statement(entry("1.00").replace("<BookgDt><Dt>2026-11-21</Dt></BookgDt>", ""))), "no booking date"),
        (document(statement(entry("1.00"), currency="USD")), "not in USD"),
        (document(statement().replace("OPBD", "XXXX")), "a balance is missing"),
        (document(statement().replace("<Id>S1</Id>", "")), "Id is missing"),
        (document(statement().replace("6222", "")), "names no account"),
        (document(statement(currency="XXX")), "unknown currency"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_line(data: bytes, why: str) -> None:
    with pytest.raises(NotAStatement, match=why) as caught:
        read(data)
    assert "\n" not in str(caught.value)


# --- matching ---------------------------------------------------------------------------------------------------------
def ours(order_id: str, amount: int, on: date = DAY, currency: str = "CNY") -> OurRow:
    return OurRow(order_id, amount, currency, on)


def bank(*rows: BankRow, closing: int | None = None) -> BankStatement:
    total = sum(each.amount_minor for each in rows)
    return BankStatement("S1", "6222", "CNY", 0, total if closing is None else closing, rows)


def theirs(order_id: str | None, amount: int, on: date = DAY, currency: str = "CNY") -> BankRow:
    return BankRow("R", order_id, amount, currency, on)


def test_what_agrees_is_matched_and_nothing_is_left() -> None:
    done = reconcile([ours("A", -100), ours("B", 50)], bank(theirs("B", 50), theirs("A", -100)))
    assert (len(done.matched), done.clean, done.difference_minor) == (2, True, 0)


@pytest.mark.parametrize(
    ("mine", "other", "reason", "difference"),
    [
        ([ours("A", -100)], [], Reason.NOT_AT_BANK, 100),
        ([], [theirs("A", -100)], Reason.NOT_OURS, -100),
        ([], [theirs(None, 70)], Reason.NOT_OURS, 70),
        ([ours("A", -100)], [theirs("A", -101)], Reason.AMOUNT, -1),
        ([ours("A", -100)], [theirs("A", -100), theirs("A", -100)], Reason.TWICE_AT_BANK, -100),
        ([ours("A", -100), ours("A", -100)], [theirs("A", -100)], Reason.TWICE_OURS, 100),
        ([ours("A", -100, date(2026, 11, 20))], [theirs("A", -100)], Reason.DAY, 0),
        ([ours("A", -100, currency="USD")], [theirs("A", -100)], Reason.CURRENCY, 0),
    ],
)
def test_each_break_has_its_reason(mine: list[OurRow], other: list[BankRow], reason: Reason, difference: int) -> None:
    done = reconcile(mine, bank(*other))
    assert [each.reason for each in done.breaks] == [reason]
    assert done.difference_minor == difference


def test_a_day_between_is_no_break_where_it_is_allowed() -> None:
    done = reconcile([ours("A", -100, date(2026, 11, 20))], bank(theirs("A", -100)), days_apart=1)
    assert done.clean


def test_a_statement_that_does_not_add_up_is_itself_a_break() -> None:
    done = reconcile([], bank(closing=5))
    assert [(each.reason, each.difference_minor) for each in done.breaks] == [(Reason.STATEMENT, 5)]


def test_the_breaks_explain_the_whole_difference() -> None:
    mine = [ours("A", -100), ours("B", 40), ours("C", 7), ours("C", 9)]
    other = [theirs("A", -90), theirs("C", 9), theirs("C", 8), theirs("D", 3), theirs(None, 11)]
    done = reconcile(mine, bank(*other))
    assert done.difference_minor == sum(r.amount_minor for r in other) - sum(r.amount_minor for r in mine)
