"""Signatures in a contract: what holds, what was changed, added or signed by somebody else, and who may be asked."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx2
import pytest
import typst

from activities.signatures import BORROWER, LENDER, Act, Signatures
from gateways.authority import Authority, CertificateOrder, HttpAuthority
from gateways.failures import GatewayRefused, GatewayUnavailable
from infra.checking import CheckFailed, checked
from infra.pades import Key, NotAPdf, NotARoot, Signatory, check, sign

ACT = Act(
    number="HS-1042",
    terms_hash="ab" * 32,
    signer="李秀英",
    evidence={"code_id": "c1", "command_id": "m1"},
)
SEAL = bytes(range(32))


@pytest.fixture(scope="module")
def paper() -> bytes:
    text = "= 借款合同\n本金 80,000.00 元".encode()
    return typst.compile(text, format="pdf", pdf_standards="a-2b")


@pytest.fixture
async def authority(party: Callable[[str], httpx2.AsyncClient]) -> AsyncIterator[HttpAuthority]:
    yield HttpAuthority(party("authority"), deadline=5)


async def root_of(party: Callable[[str], httpx2.AsyncClient]) -> bytes:
    return (await party("authority").get("root.pem")).content


async def test_lender_and_borrower_sign_and_anybody_can_check_it(party, authority, paper):
    assert isinstance(authority, Authority)
    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT)
    lender, borrower = await check(signed, await root_of(party))
    assert (lender.field, lender.name, borrower.field, borrower.name) == (LENDER, "活水小额贷款", BORROWER, "李秀英")
    assert lender.good
    assert borrower.good
    assert borrower.reason == f"HS-1042 SHA-256 {'ab' * 32}"
    assert borrower.evidence == ACT.evidence_hash
    assert lender.evidence is None
    assert borrower.at is not None
    assert abs((datetime.now(UTC) - borrower.at).total_seconds()) < 60


async def test_p2_every_further_party_has_one_signature_of_its_own_by_the_same_authority(party, authority, paper):
    others = [
        Act(number=ACT.number, terms_hash=ACT.terms_hash, signer=name, evidence={"code_id": name, "role": role})
        for name, role in (("王建国", "guarantor"), ("陈小满", "co_borrower"))
    ]
    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT, others)
    found = await check(signed, await root_of(party))
    assert [(one.field, one.name) for one in found[2:]] == [
        ("Huoshui-Party-1", "王建国"),
        ("Huoshui-Party-2", "陈小满"),
    ]
    assert all(one.good for one in found)
    assert [one.evidence for one in found[1:]] == [one.evidence_hash for one in (ACT, *others)]
    assert len({one.evidence for one in found}) == 4
    assert found[2].reason == f"HS-1042 guarantor SHA-256 {'ab' * 32}"


async def test_the_paper_itself_is_kept_to_the_byte_and_stays_archival(authority, paper):
    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT)
    assert signed.startswith(paper)
    assert b"pdfaid:part" in signed


async def test_one_changed_byte_is_seen_by_both(party, authority, paper):
    signed = bytearray(await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT))
    signed[len(paper) // 2] ^= 1
    assert [(one.good, one.intact) for one in await check(bytes(signed), await root_of(party))] == [(False, False)] * 2


async def test_what_is_added_after_the_signatures_is_seen(party, authority, paper):
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT)
    writer, out = IncrementalPdfFileWriter(io.BytesIO(signed)), io.BytesIO()
    writer.root["/Extra"] = generic.pdf_string("another clause")
    writer.update_root()
    writer.write(out)
    every = await check(out.getvalue(), await root_of(party))
    assert [(one.intact, one.whole, one.good) for one in every] == [(True, False, False)] * 2


async def test_a_root_of_somebody_else_trusts_nobody(party, authority, paper, tmp_path):
    from simulators.authority import AuthorityParty

    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT)
    other = AuthorityParty(tmp_path / "other")
    await other.start()
    transport = httpx2.ASGITransport(app=other.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://other") as client:
        root = (await client.get("root.pem")).content
    await other.stop()
    assert [(one.intact, one.trusted, one.good) for one in await check(signed, root)] == [(True, False, False)] * 2


async def test_a_stamp_of_somebody_else_proves_no_time(party, authority, paper, tmp_path):
    from simulators.authority import AuthorityParty

    other = AuthorityParty(tmp_path / "other")
    await other.start()
    transport = httpx2.ASGITransport(app=other.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://other") as client:
        key = Key()
        order = CertificateOrder(request_id="r1", kind="organisation", name="活水", csr=key.request("活水"))
        chain = await authority.certify(order)
        stamp = HttpAuthority(client, deadline=5).stamp
        signed = await sign(paper, [Signatory(LENDER, key, chain, "活水", "HS-1")], stamp)
    await other.stop()
    [lender] = await check(signed, await root_of(party))
    assert (lender.intact, lender.trusted, lender.good) == (True, False, False)


async def test_a_certificate_for_another_key_signs_nothing(authority, paper):
    order = CertificateOrder(request_id="r2", kind="organisation", name="活水", csr=Key().request("活水"))
    chain = await authority.certify(order)
    with pytest.raises(ValueError, match="not for its key"):
        await sign(paper, [Signatory(LENDER, Key(), chain, "活水", "HS-1")], authority.stamp)


async def test_what_is_no_pdf_or_no_root_is_refused_and_an_unsigned_file_has_no_signature(party, paper):
    root = await root_of(party)
    assert await check(paper, root) == []
    for wrong in (b"", b"hello", b"%PDF-1.7\n", paper[:200]):
        with pytest.raises(NotAPdf):
            await check(wrong, root)
    for wrong in (b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", paper):
        with pytest.raises(NotARoot):
            await check(paper, wrong)


async def test_one_request_gets_one_certificate_and_its_id_is_taken_for_another(authority):
    key = Key(SEAL)
    order = CertificateOrder(request_id="r3", kind="act", name="李秀英", csr=key.request("李秀英"), evidence="cd" * 32)
    first = await authority.certify(order)
    again = CertificateOrder(request_id="r3", kind="act", name="李秀英", csr=key.request("李秀英"), evidence="cd" * 32)
    assert await authority.certify(again) == first
    with pytest.raises(GatewayRefused, match="request_id_taken"):
        await authority.certify(
            CertificateOrder(request_id="r3", kind="act", name="王强", csr=key.request("王强"), evidence="cd" * 32)
        )
    with pytest.raises(GatewayRefused, match="evidence_belongs_to_acts"):
        await authority.certify(CertificateOrder(request_id="r4", kind="act", name="王强", csr=key.request("王强")))
    with pytest.raises(GatewayRefused, match="request_invalid"):
        await authority.certify(CertificateOrder(request_id="r5", kind="organisation", name="王强", csr=b"no"))


async def test_a_silent_authority_is_asked_again_later(party, authority, paper):
    async with party("authority") as client:
        await client.post("faults", json={"mode": "down", "times": 2})
    with pytest.raises(GatewayUnavailable):
        await authority.certify(
            CertificateOrder(request_id="r6", kind="organisation", name="活水", csr=Key().request("活水"))
        )
    with pytest.raises(GatewayUnavailable):
        await authority.stamp(b"anything")
    with pytest.raises(GatewayUnavailable):
        await authority.stamp(b"no query")  # refused with 422: never a stamp


def test_the_seal_is_the_same_key_every_time_and_an_act_has_its_own():
    assert Key(SEAL).fingerprint == Key(SEAL).fingerprint
    assert Key(bytes(32)).fingerprint != Key(SEAL).fingerprint
    assert Key().fingerprint != Key().fingerprint
    assert ACT.evidence_hash != hashlib.sha256(b"").hexdigest()


async def test_a_strangers_file_is_checked_by_a_process_that_can_do_nothing_else(party, authority, paper):
    root = await root_of(party)
    signed = await Signatures(authority, SEAL, "活水小额贷款").on(paper, ACT)
    assert await checked(signed, root) == await check(signed, root)
    changed = signed.replace(b"/Reason", b"/reason", 1)
    assert not all(one.good for one in await checked(changed, root))
    assert await checked(paper, root) == []
    with pytest.raises(NotAPdf):
        await checked(b"%PDF-1.7 and nothing else", root)
    with pytest.raises((CheckFailed, NotAPdf)):
        await checked(b"[" * 3_000_000, root)
