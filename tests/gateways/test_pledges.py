"""The register of pledges, the platform on which buyers confirm, and the tax bureau's invoice check."""

from dataclasses import replace
from datetime import date

import pytest

from gateways.failures import GatewayRefused
from gateways.pledges import ConfirmationOrder, HttpPledges, Pledges, RegistrationOrder, SearchOrder
from gateways.tax import HttpTax, InvoiceOrder, Tax

SUBJECT = "24312000000012345678/大润发"
SEARCH = SearchOrder(request_id="s1", names=("苏州包装", "苏州纸箱厂"), subject=SUBJECT)
PLEDGE = RegistrationOrder(
    request_id="r1", pledgor="苏州包装", subject=SUBJECT, amount_minor=30_000_000, until=date(2027, 6, 1)
)
ASKED = ConfirmationOrder(
    request_id="c1", seller="苏州包装", buyer="大润发", number="24312000000012345678", amount_minor=30_000_000,
    due_on=date(2027, 1, 10), account="6200010000002335337",
)  # fmt: skip
INVOICE = InvoiceOrder(
    inquiry_id="i1", seller="苏州包装", buyer="大润发", number="24312000000012345678", amount_minor=30_000_000,
    issued_on=date(2026, 11, 1),
)  # fmt: skip
WORD = {"signer": "财务", "means": "seal", "amount_minor": 30_000_000, "due_on": "2027-01-10", "defences_waived": True,
        "account": "6200010000002335337"}  # fmt: skip


async def test_a_registration_is_found_under_every_name_until_it_is_cancelled(party):
    register = HttpPledges(party("pledges"), deadline=5)
    assert isinstance(register, Pledges)
    assert await register.search(SEARCH) == ()
    made = await register.register(PLEDGE)
    assert await register.register(PLEDGE) == made, "the same request is one registration"
    assert await register.search(SEARCH) == (), "the same search is the same answer"
    [found] = await register.search(replace(SEARCH, request_id="s2"))
    assert (found.number, found.until, found.ours) == (made.number, date(2027, 6, 1), True)
    await register.cancel(made.number)
    await register.cancel(made.number)
    assert await register.search(replace(SEARCH, request_id="s3")) == ()


async def test_p19_what_another_lender_registered_under_a_former_name_is_found(party):
    register = HttpPledges(party("pledges"), deadline=5)
    elsewhere = {"pledgor": "苏州纸箱厂", "subject": SUBJECT, "lender": "某某银行"}
    await party("pledges").post("/elsewhere", json=elsewhere)
    [found] = await register.search(SEARCH)
    assert not found.ours


async def test_a_buyer_is_asked_once_and_the_first_word_of_each_person_counts(party):
    platform = HttpPledges(party("pledges"), deadline=5)
    assert await platform.ask_buyer(ASKED) == ()
    line = party("pledges")
    for word in (WORD, {**WORD, "amount_minor": 1}, {**WORD, "signer": "法人", "means": "signatory"}):
        assert (await line.post("/confirmations/c1/answers", json=word)).status_code == 200
    stated = await platform.answers("c1")
    assert [(one.signer, one.means, one.amount_minor) for one in stated] == [
        ("财务", "seal", 30_000_000), ("法人", "signatory", 30_000_000),
    ]  # fmt: skip
    assert await platform.ask_buyer(ASKED) == stated
    await platform.give_notice("c1")
    with pytest.raises(GatewayRefused, match=r"^unknown_confirmation$"):
        await platform.give_notice("c9")


async def test_an_invoice_stands_until_it_is_taken_back_in_red_ink(party):
    bureau = HttpTax(party("tax"), deadline=5)
    assert isinstance(bureau, Tax)
    first = await bureau.verify(INVOICE)
    assert first.state == "valid"
    await party("tax").post("/red", json={"number": INVOICE.number})
    assert await bureau.verify(INVOICE) == first, "the same question is the same answer"
    assert (await bureau.verify(replace(INVOICE, inquiry_id="i2"))).state == "red"
    for ending, state in (("901", "unknown"), ("902", "void")):
        asked = replace(INVOICE, inquiry_id=f"i-{ending}", number=f"2431200000001234{ending}")
        assert (await bureau.verify(asked)).state == state


async def test_an_invoice_that_is_told_otherwise_differs_in_named_fields_and_a_strangers_in_its_seller_alone(party):
    bureau = HttpTax(party("tax"), deadline=5)
    face = {
        "seller": INVOICE.seller, "seller_licence": "", "buyer": INVOICE.buyer, "buyer_licence": "",
        "number": INVOICE.number, "gross_minor": INVOICE.amount_minor + 1, "net_minor": 1, "issued_on": "2020-02-02",
    }  # fmt: skip
    filed = await party("tax").post("/issued", json={**face, "seller_licence": "9", "buyer_licence": "9"})
    assert filed.status_code == 200, filed.text
    told = await bureau.verify(INVOICE)
    assert (told.state, told.differs) == ("differs", ("amount", "issued_on"))
    assert (await bureau.verify(replace(INVOICE, inquiry_id="i7", seller="别家"))).differs == ("seller",)


async def test_one_id_with_two_contents_is_refused_by_register_platform_and_bureau(party):
    register, bureau = HttpPledges(party("pledges"), deadline=5), HttpTax(party("tax"), deadline=5)
    await register.register(PLEDGE)
    await register.search(SEARCH)
    await register.ask_buyer(ASKED)
    await bureau.verify(INVOICE)
    for again in (
        register.register(replace(PLEDGE, amount_minor=1)),
        register.search(replace(SEARCH, subject="other")),
        register.ask_buyer(replace(ASKED, amount_minor=1)),
    ):
        with pytest.raises(GatewayRefused, match=r"^request_id_taken$"):
            await again
    with pytest.raises(GatewayRefused, match=r"^inquiry_id_taken$"):
        await bureau.verify(replace(INVOICE, amount_minor=1))
    with pytest.raises(GatewayRefused, match=r"^registration_refused$"):
        await register.register(replace(PLEDGE, request_id="r2", pledgor="苏州包装拒登"))
