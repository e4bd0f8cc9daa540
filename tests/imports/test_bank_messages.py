"""MT940 and camt: what banks send to programs, read as the bills of the same firms are."""

import pytest

from imports.misreadings import StatementNotUnderstood
from imports.statements import read

MT940 = """:20:STARTUMS
:25:10020030/1234567
:28C:00049/001
:60F:C250105EUR1000,00
:61:2501060106DR35,00NDDTNONREF//B1
:86:105?00Lastschrift?20EREF+X1?21SVWZ+Food?32Stadtwerke
:61:250107C100,50NTRFINV1//B2
:86:/NAME/J Smith/REMI/Invoice 1
:62F:C250107EUR{closing}
-
:20:SECOND
:25:10020030/1234567
:28C:00050/001
:60F:C250107EUR1065,50
:61:250108RC0,50NTRFX//B3
:86:storno
:62F:C250108EUR1065,00
-
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{root}><GrpHdr><MsgId>1</MsgId></GrpHdr><{part}>
<Id>S1</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ownr><Nm>Noodle Shop</Nm></Ownr></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">35.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2025-01-06</Dt></BookgDt>
<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Cdtr><Pty><Nm>Stadtwerke</Nm></Pty></Cdtr></RltdPties>
<RmtInf><Ustrd>Food</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">100.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2025-01-07T10:11:12+01:00</DtTm></BookgDt><AcctSvcrRef>B2</AcctSvcrRef><NtryDtls>
<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy="EUR">60.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Nm>J Smith</Nm></Dbtr></RltdPties></TxDtls>
<TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs><Amt Ccy="EUR">40.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Nm>A Jones</Nm></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BookgDt><Dt>2025-01-08</Dt></BookgDt>
<AcctSvcrRef>B9</AcctSvcrRef></Ntry></{part}></{root}></Document>
"""
KINDS = [
    ("053", "BkToCstmrStmt", "Stmt"),
    ("052", "BkToCstmrAcctRpt", "Rpt"),
    ("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
]


def camt(kind=KINDS[0], closing="1065.50") -> str:
    return CAMT.format(kind=kind[0], root=kind[1], part=kind[2], closing=closing)


def test_an_mt940_file_of_two_messages_is_read_to_the_cent():
    found = read(MT940.format(closing="1065,50").encode())
    assert [(line.on_date, line.signed_minor, line.balance_minor, line.reference) for line in found.lines] == [
        ("2025-01-06", -3500, 96500, "B1"),
        ("2025-01-07", 10050, 106550, "B2"),
        ("2025-01-08", -50, 106500, "B3"),
    ]
    assert [line.counterparty for line in found.lines] == ["Stadtwerke", "J Smith", ""]
    assert [line.description for line in found.lines] == ["Food", "Invoice 1", "storno"]
    assert (found.summary.currency, found.summary.encoding, found.summary.account_tail) == ("EUR", "mt940", "4567")
    assert found.summary.notices == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_closing_balance_that_lines_do_not_lead_to_is_shown(newline):
    for text in (MT940.format(closing="1070,00"), camt(closing="1070.00")):
        notices = read(text.replace("\n", newline).encode()).summary.notices
        (notice,) = [notice for notice in notices if notice.code == "closing_balance_differs"]
        assert notice.params == {"stated_minor": 107000, "found_minor": 106550}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
def test_a_camt_document_is_read_with_its_batches_taken_apart(kind):
    found = read(camt(kind).encode())
    assert [(line.at, line.signed_minor, line.reference) for line in found.lines] == [
        ("2025-01-06 00:00:00", -3500, "B1"),
        ("2025-01-07 10:11:12", 6050, "E1"),
        ("2025-01-07 10:11:12", 4000, "E2"),
        ("2025-01-08 00:00:00", 0, "B9"),
    ]
    assert [line.counterparty for line in found.lines] == ["Stadtwerke", "J Smith", "A Jones", ""]
    assert (found.lines[3].status, found.summary.void_lines) == ("pending", 1)
    assert (found.lines[2].balance_minor, found.summary.currency) == (106550, "EUR")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE d SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_defines_anything_is_refused(head, encoding):
    text = camt().replace("?>", f"?>{head}", 1).replace("UTF-8", encoding)
    with pytest.raises(StatementNotUnderstood) as raised:
        read(text.encode(encoding))
    assert raised.value.code in ("xml_refused", "web_page_file", "not_a_bill")


def test_messages_that_are_cut_or_damaged_are_refused():
    for data in (camt()[:900].encode(), MT940[:90].replace(":60F:C250105EUR1000,00", ":60F:XX").encode()):
        with pytest.raises(StatementNotUnderstood) as raised:
            read(data)
        assert raised.value.code in ("truncated", "broken", "not_a_bill", "no_lines")
