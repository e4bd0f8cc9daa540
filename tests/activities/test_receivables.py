"""Receivables on real rows, with a tax bureau, a register and a platform that answer: pledged once, watched, freed."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from activities.pledging import Pledging
from activities.ports.receivables import ReceivableCase, ReceivableStanding, ReceivableWord
from activities.printing import Concluded
from activities.receivable_steps import ReceivableSteps
from activities.receivables import Receivables
from activities.signatures import Act
from db import clocks, incoming, people, receivables
from db.receivables import Paper
from db.tables import BankAccount, Collateral, Command, CreditLine, Document, EvidenceDocument, Firm, Notice, Receivable
from db.tables import ReceivableWord as Word
from gateways.incoming import HttpIncoming
from gateways.pledges import HttpPledges
from gateways.standings import HttpStandings
from gateways.tax import HttpTax
from infra import i18n
from infra.settings import Settings
from infra.storage import ObjectMissing, StoredObject
from lending.calendars import Jurisdiction, business_date
from lending.receivables import Base, UnknownBuyer, proof_of
from lending.refusals import AboveBase, NotInThisStage, NotSupported, ReceivableKnown, ReceivableNotFit
from lending.refusals_of_security import ReceivableOwn
from simulators.pledges import PledgesParty
from simulators.rail.app import RailParty
from simulators.registry import RegistryParty
from simulators.settings import WorldSettings
from simulators.tax import TaxParty
from tests.activities.test_lines import Desk, counter, desk
from tests.activities.test_paying_sellers import settings

__all__ = ["counter", "desk", "settings"]

NUMBER = "24312000000012345678"
BUYER = "大润发采购有限公司"
BUYER_LICENCE = "91310000MA1FL0A01J"
UNKNOWN_BUYER = "91310000000009550E"
ACCOUNT = "6200010000002335337"


class _Printer:
    """Prints what it is asked for; the paper itself is proven in tests/papers."""

    async def pledge(self, session: Any, row: Receivable, paper: Paper) -> Concluded:
        act = Act(number="HS-1-Z1", terms_hash=receivables.pledge_hash(row), signer="x", evidence={})
        return Concluded((("pledge", f"{paper.number} {row.registration_no}".encode()),), act)


class _Signatures:
    async def on(self, pdf: bytes, act: Act) -> bytes:
        return pdf + b" signed for " + act.terms_hash.encode()


class _Store:
    """A store in memory that writes once."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise ObjectMissing(key)
        return self.kept[key]

    async def put(self, key: str, data: bytes, media_type: str) -> StoredObject:
        assert self.kept.setdefault(key, data) == data
        return StoredObject(key=key, sha256=sha256(data).hexdigest(), size=len(data))


class Yard:
    """A line on receivables, and the world that knows its invoices."""

    def __init__(
        self,
        desk: Desk,
        line: CreditLine,
        settings: Settings,
        tax: httpx2.AsyncClient,
        pledges: httpx2.AsyncClient,
        rail: httpx2.AsyncClient,
        registry: httpx2.AsyncClient,
    ) -> None:
        self.desk, self.line, self.settings = desk, line, settings
        self.party: RailParty | None = None
        self.tax, self.pledges, self.rail = tax, pledges, rail
        counter = desk.counter
        do = self.do = ReceivableSteps(
            counter.steps,
            counter.vault,
            HttpTax(tax),
            HttpPledges(pledges),
            HttpIncoming(rail),
            HttpStandings(registry),
            counter.book,
            settings,
        )
        self.store, self.printer = _Store(), _Printer()
        signatures: Any = _Signatures()
        self.room = Receivables(do)
        self.pledging = Pledging(do, self.printer, signatures, self.store)  # type: ignore[arg-type]

    async def today(self) -> date:
        async with self.desk.counter.steps.sessions.begin() as session:
            now = await clocks.now(session, self.desk.counter.steps.clock_id)
        return business_date(now, Jurisdiction.CN)

    async def offer(self, yuan: int = 100_000, *, number: str = NUMBER, buyer: str = BUYER, **other: Any) -> UUID:
        """An invoice of ten days ago, due in fifty; raises where it is held."""
        counter, line, today = self.desk.counter, self.line, await self.today()
        receivable_id = uuid4()
        former = tuple(other.pop("former", ()))
        seller = other.pop("seller", "苏州包装有限公司")
        licence = other.pop("licence", BUYER_LICENCE)
        async with counter.steps.sessions.begin() as session:
            now = await clocks.now(session, counter.steps.clock_id)
            row = {
                "id": receivable_id, "line_id": line.id, "application_id": line.application_id,
                "person_id": line.person_id, "firm_id": line.firm_id, "amount_minor": yuan * 100, "currency": "CNY",
                "issued_on": today - timedelta(days=10), "due_on": today + timedelta(days=50), "created_at": now,
                "changed_at": now, **other,
            }  # fmt: skip
            paper = Paper(seller, buyer, licence, number, former)
            key = self.settings.secret_bytes("index_key")
            if not await receivables.offer(session, counter.vault, paper, index_key=key, row=row):
                raise ReceivableKnown()
        return receivable_id

    async def row(self, receivable_id: UUID) -> Receivable:
        async with self.desk.counter.steps.sessions.begin() as session:
            return await session.get_one(Receivable, receivable_id)

    async def check(self, receivable_id: UUID) -> ReceivableStanding:
        return await self.room.check_receivable(ReceivableCase(receivable_id, uuid4()))

    async def ask(self, receivable_id: UUID) -> ReceivableStanding:
        return await self.room.ask_buyer(ReceivableCase(receivable_id, uuid4()))

    async def account(self) -> str:
        counter = self.desk.counter
        async with counter.steps.sessions.begin() as session:
            found = await incoming.account_of_line(session, self.line.id)
            assert found is not None, "opened when the first buyer was asked"
            return await incoming.number_of(session, counter.vault, found)

    async def answer(self, receivable_id: UUID, signer: str, means: str = "seal", **said: Any) -> None:
        """One person of the buyer answers on the platform."""
        row = await self.row(receivable_id)
        word = {
            "signer": signer, "means": means, "amount_minor": row.amount_minor, "due_on": row.due_on.isoformat(),
            "defences_waived": True, "account": await self.account(), **said,
        }  # fmt: skip
        told = await self.pledges.post(f"/confirmations/{receivable_id}/answers", json=word)
        assert told.status_code == 200, told.text

    async def confirmed(self, yuan: int = 100_000, **other: Any) -> UUID:
        found = await self.offer(yuan, **other)
        assert (await self.check(found)).state == "asked"
        await self.ask(found)
        await self.answer(found, "财务经理")
        await self.answer(found, "法定代表人", "signatory")
        assert (await self.ask(found)).state == "supported"
        return found

    async def pledge(self, receivable_id: UUID) -> ReceivableStanding:
        return await self.pledging.pledge_receivable(ReceivableWord(receivable_id, uuid4(), "pledge", code_id=uuid4()))

    async def note(self, receivable_id: UUID, fact: str, yuan: int = 0) -> ReceivableStanding:
        word = ReceivableWord(receivable_id, uuid4(), "note", fact=fact, amount_minor=yuan * 100)
        return await self.room.hear_receivable(word)

    async def base(self) -> Base:
        rules = self.desk.counter.book.receivables["CN"]
        async with self.desk.counter.steps.sessions.begin() as session:
            return await receivables.base_of(session, self.line.id, rules, await self.today())

    async def notices(self) -> list[str]:
        async with self.desk.counter.steps.sessions.begin() as session:
            found = await session.scalars(select(Notice.kind).where(Notice.person_id == self.line.person_id))
            return [kind for kind in found if kind.startswith("receivable")]


@pytest.fixture
async def yard(desk: Desk, settings: Settings, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Yard]]]:
    """``await yard()``: a line of ¥300,000 on receivables."""
    tax, pledges, rail = TaxParty(tmp_path), PledgesParty(tmp_path), RailParty(world(tmp_path))
    registry = RegistryParty(tmp_path)
    await rail.start()
    lines: list[httpx2.AsyncClient] = []
    async with desk.counter.steps.sessions.begin() as session:  # what other tests of this database hold
        used = "update receivable set state = 'lapsed', number_key = sha256(id::text::bytea), e_number_key = null"
        await session.execute(text(used))

    async def make(yuan: int = 300_000) -> Yard:
        mine = [
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=party.app), base_url="http://world")
            for party in (tax, pledges, rail, registry)
        ]
        lines.extend(mine)
        line = await desk.opened(yuan, product="receivable_line")
        async with desk.counter.steps.sessions.begin() as session:
            key = await people.key_of(session, desk.counter.vault, line.person_id)
            account = await session.get_one(BankAccount, line.account_id)
            account.number_sealed = desk.counter.vault.seal(key, people.ACCOUNT, account.id, ACCOUNT)
        place = Yard(desk, line, settings, *mine)
        place.party = rail
        return place

    yield make
    for line in lines:
        await line.aclose()
    await tax.stop()
    await pledges.stop()
    await rail.stop()
    await registry.stop()


def world(folder: Path) -> WorldSettings:
    """A rail that credits at once and tells nobody."""
    secret = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes!").decode()
    return WorldSettings(
        host="127.0.0.1", port=0, data=folder, public_url="http://127.0.0.1:9", rail_secret=secret,
        revenue_secret=secret, messages_secret=secret, rail_credit_delay=0.0,
    )  # fmt: skip


async def test_a_pledge_has_a_contract_of_its_own_signed_for_what_the_code_bound_and_filed_once(yard) -> None:
    place = await yard()
    found = await place.confirmed(60_000)
    await place.pledging.file_pledge(ReceivableCase(found, uuid4()))
    assert place.store.kept == {}, "nothing is pledged yet"
    await place.pledge(found)
    for _ in range(2):
        await place.pledging.file_pledge(ReceivableCase(found, uuid4()))
    row = await place.row(found)
    async with place.desk.counter.steps.sessions.begin() as session:
        [paper] = (await session.scalars(select(Document).where(Document.kind == "pledge"))).all()
    assert (paper.application_id, paper.person_id) == (row.application_id, row.person_id)
    signed = place.store.kept[paper.object_key]
    assert sha256(signed).hexdigest() == paper.sha256
    bound = receivables.pledge_hash(row).encode()
    assert signed == f"{NUMBER} {row.registration_no}".encode() + b" signed for " + bound


async def test_a_code_pledges_one_invoice_for_what_it_is_confirmed_for_and_nothing_else(yard) -> None:
    place = await yard()
    row = await place.row(await place.confirmed(60_000))
    other = await place.row(await place.confirmed(80_000, number="24312000000098765432"))
    other.confirmed_minor, other.due_on = row.confirmed_minor, row.due_on
    bound = receivables.pledge_hash(row)
    assert bound != receivables.pledge_hash(other)
    row.confirmed_minor = 5_000_000
    assert receivables.pledge_hash(row) != bound


async def test_d2_nothing_is_lent_before_a_registration_and_then_the_rate_of_what_counts(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    with pytest.raises(AboveBase) as refused:
        await place.desk.draw(place.line, 1_000)
    assert refused.value.params["base_minor"] == 0
    standing = await place.pledge(found)
    row = await place.row(found)
    assert standing.state == "pledged"
    assert row.registration_no
    assert row.registered_until >= row.due_on + timedelta(days=180), "it outlasts what it secures"
    assert row.noticed_at is not None, "the buyer was told whom to pay"
    assert (await place.base()).advance_minor == 4_800_000, "one buyer counts for six tenths, of which eight are lent"
    with pytest.raises(AboveBase):
        await place.desk.draw(place.line, 48_100)
    assert (await place.desk.draw(place.line, 48_000)).state == "paying"
    assert await place.notices() == ["receivable_asked", "receivable_confirmed", "receivable_pledged"]


async def test_d1_the_same_invoice_of_another_tenant_or_in_another_form_is_refused_while_it_is_held(yard) -> None:
    place, other = await yard(), await yard()
    first = await place.offer()
    for number in (
        *(NUMBER, "2431 2000 0000 1234 5678", "２４３１２０００００００１２３４５６７８"),
        *("No.24312000000012345678", "24312000000012345678号", "24312OOOOOOOI2345678", "12345678", "No. I2345678"),
    ):
        with pytest.raises(ReceivableKnown):
            await other.offer(number=number, buyer="大润发采购（有限公司）")
    async with place.desk.counter.steps.sessions.begin() as session:
        await session.execute(update(Receivable).where(Receivable.id == first).values(state="lapsed"))
    await other.offer()


async def test_d1_the_tail_of_one_that_is_held_under_an_older_mark_is_refused_and_not_merely_looked_at(yard) -> None:
    place, other = await yard(), await yard()
    first = await place.offer()
    async with place.desk.counter.steps.sessions.begin() as session:
        await session.execute(update(Receivable).where(Receivable.id == first).values(fingerprint=b"of an older mark"))
    await place.check(first)
    again = await other.offer(number="12345678")
    refused = await other.check(again)
    assert (refused.state, refused.problem) == ("refused", "receivable_known")
    assert (await place.row(first)).state != "refused", "the one that was first stays"


async def test_d1_an_invoice_like_another_waits_for_a_person_whose_word_counts(yard) -> None:
    place, other = await yard(), await yard()
    first = await place.offer()
    await place.check(first)
    near = await other.offer(number="24312000000012345679")
    assert (await other.check(near)).state == "review"
    assert (await other.row(near)).near_id == first
    cleared = await other.room.hear_receivable(ReceivableWord(near, uuid4(), "judge", clears=True))
    assert cleared.state == "asked"
    again = await other.offer(number="24312000000012345670")
    await other.check(again)
    refused = await other.room.hear_receivable(ReceivableWord(again, uuid4(), "judge", clears=False))
    assert (refused.state, refused.problem) == ("refused", "receivable_known")
    with pytest.raises(NotInThisStage):
        await other.room.hear_receivable(ReceivableWord(again, uuid4(), "judge", clears=True))


async def test_d1_nobody_clears_the_twin_of_an_e_invoice_that_waits_from_before_numbers_were_held_once(yard) -> None:
    place = await yard()
    first = await place.confirmed()
    assert (await place.pledge(first)).state == "pledged"
    async with place.desk.counter.steps.sessions.begin() as session:  # as offers of before were stored
        await session.execute(update(Receivable).where(Receivable.id == first).values(e_number_key=None))
    twin = await place.offer(99_999)
    async with place.desk.counter.steps.sessions.begin() as session:
        await session.execute(update(Receivable).where(Receivable.id == twin).values(state="review", near_id=first))
    refused = await place.room.hear_receivable(ReceivableWord(twin, uuid4(), "judge", clears=True))
    assert (refused.state, refused.problem) == ("refused", "receivable_own")
    async with place.desk.counter.steps.sessions.begin() as session:  # one that was cleared before
        await session.execute(
            update(Receivable).where(Receivable.id == twin).values(state="supported", support="proven")
        )
    with pytest.raises(ReceivableOwn):
        await place.pledge(twin)
    assert (await place.base()).advance_minor == 4_800_000, "one invoice carries once"


async def test_d1_the_end_of_a_number_with_another_amount_is_the_same_sellers_same_invoice(yard) -> None:
    place, other = await yard(), await yard()
    first = await place.offer()
    await place.check(first)
    for number in ("12345678", "甲-12345678", "2112345678"):
        refused = await other.check(await other.offer(99_999, number=number, buyer="家乐福有限公司"))
        assert (refused.state, refused.problem) == ("refused", "receivable_known"), number
    whole = await other.offer(99_999, number="25312000000112345678", buyer="家乐福有限公司")
    assert (await other.check(whole)).state != "refused", "another whole number is another invoice"


@pytest.mark.parametrize(
    ("otherwise", "field"),
    [
        ({"gross_minor": 9_999_900}, "amount"),
        ({"buyer": "家乐福有限公司"}, "buyer"),
        ({"seller": "别家包装有限公司", "gross_minor": 1}, "seller"),
        ({"issued_on": "2020-02-02"}, "issued_on"),
    ],
)
async def test_d1_what_the_tax_bureau_has_otherwise_is_refused_by_its_field(
    yard, otherwise: dict[str, Any], field: str
) -> None:
    place = await yard()
    face = {
        "seller": "苏州包装有限公司", "seller_licence": "91310000MA1FL0A028", "buyer": BUYER,
        "buyer_licence": BUYER_LICENCE, "number": NUMBER, "gross_minor": 10_000_000, "net_minor": 9_000_000,
        "issued_on": (await place.today() - timedelta(days=10)).isoformat(), **otherwise,
    }  # fmt: skip
    assert (await place.tax.post("/issued", json=face)).status_code == 200
    refused = await place.check(await place.offer())
    assert (refused.state, refused.problem) == ("refused", f"invoice_differs.{field}")
    assert i18n.known(f"lending.receivable_refused.{refused.problem}")


async def test_d1_what_another_lender_registered_under_a_former_name_is_refused(yard) -> None:
    place = await yard()
    taken = {"pledgor": "苏州纸箱厂", "subject": f"{NUMBER}/{BUYER}", "lender": "某某银行"}
    await place.pledges.post("/elsewhere", json=taken)
    found = await place.offer(former=("苏州纸箱厂",))
    checked = await place.check(found)
    assert (checked.state, checked.problem) == ("refused", "receivable_known")
    assert await place.notices() == ["receivable_refused"]


@pytest.mark.parametrize("ending", ["901", "902"])
async def test_an_invoice_that_the_tax_bureau_does_not_stand_by_is_refused(yard, ending: str) -> None:
    place = await yard()
    checked = await place.check(await place.offer(number=f"24312000000012345{ending}"))
    assert (checked.state, checked.problem) == ("refused", "invoice_not_verified")


@pytest.mark.parametrize("code", ["91310000000009510A", "91310000000009540D"])
async def test_a_buyer_that_the_register_calls_irregular_or_dishonest_is_not_eligible_and_the_reason_says_so(
    yard, code: str
) -> None:
    place = await yard()
    found = await place.offer(licence=code)
    checked = await place.check(found)
    assert (checked.state, checked.problem) == ("refused", "receivable_not_fit")
    assert (await place.row(found)).buyer_standing in ("abnormal", "dishonest")


async def test_a_buyer_that_the_register_does_not_know_waits_for_a_person_with_its_reason(yard) -> None:
    place = await yard()
    found = await place.offer(licence=UNKNOWN_BUYER)
    checked = await place.check(found)
    assert (checked.state, checked.problem) == ("review", "buyer_unknown")
    cleared = await place.room.hear_receivable(ReceivableWord(found, uuid4(), "judge", clears=True))
    assert (cleared.state, cleared.problem) == ("asked", None)
    again = await place.offer(number="24312000000012345111", buyer="没有这家有限公司", licence=UNKNOWN_BUYER)
    await place.check(again)
    refused = await place.room.hear_receivable(ReceivableWord(again, uuid4(), "judge", clears=False))
    assert (refused.state, refused.problem) == ("refused", "receivable_not_fit")


async def test_a_buyer_that_the_register_does_not_know_is_refused_where_the_rules_say_so(yard) -> None:
    place = await yard()
    place.do.rules = replace(place.do.rules, unknown_buyer=UnknownBuyer.REFUSE)
    checked = await place.check(await place.offer(licence=UNKNOWN_BUYER))
    assert (checked.state, checked.problem) == ("refused", "receivable_not_fit")


async def test_a_buyer_that_is_a_firm_of_the_owner_is_no_buyer(yard) -> None:
    place = await yard()
    counter = place.desk.counter
    async with counter.steps.sessions.begin() as session:
        index = counter.vault.blind_index(people.LICENCE, BUYER_LICENCE)
        await session.execute(update(Firm).where(Firm.id == place.line.firm_id).values(licence_index=index))
    checked = await place.check(await place.offer())
    assert (checked.state, checked.problem) == ("refused", "receivable_not_fit")


async def test_p19_a_one_time_code_alone_or_one_person_alone_confirms_nothing(yard) -> None:
    place = await yard()
    found = await place.offer()
    await place.check(found)
    assert (await place.ask(found)).problem == "no_answer"
    await place.answer(found, "收货员", "code")
    assert (await place.ask(found)).problem == "code_alone"
    await place.answer(found, "财务经理")
    assert (await place.ask(found)).problem == "second_person"
    await place.answer(found, "法定代表人", amount_minor=1)
    assert (await place.ask(found)).problem == "answers_differ"
    await place.answer(found, "总经理", "signatory")
    assert (await place.ask(found)).state == "supported"
    row = await place.row(found)
    assert (row.support, row.confirmed_minor, row.defences_waived) == ("confirmed", 10_000_000, True)


async def papers(place: Yard, of: UUID, *brought: tuple[str, str]) -> None:
    """Papers that prove an invoice: (what each proves, whether a person took it), the oldest first."""
    async with place.desk.counter.steps.sessions.begin() as session:
        now = await clocks.now(session, place.desk.counter.steps.clock_id)
        for n, (kind, state) in enumerate(brought):
            paper = uuid4()
            session.add(
                EvidenceDocument(
                    id=paper, application_id=place.line.application_id, person_id=place.line.person_id,
                    item=proof_of(kind, of), channel="owner", brought_by="owner", name_sealed=b"", sha256=paper.hex,
                    object_key=paper.hex, media_type="image/png", pages=1, size=1, state=state,
                    received_at=now + timedelta(seconds=n),
                )
            )  # fmt: skip


async def test_d6_order_delivery_and_payments_prove_what_its_buyer_does_not_confirm_for_less(yard) -> None:
    place = await yard()
    found, other = await place.offer(), uuid4()
    await place.check(found)

    async def prove() -> ReceivableStanding:
        return await place.room.hear_receivable(ReceivableWord(found, uuid4(), "prove"))

    for brought, lacking in (
        ((found, ("payments", "accepted"), ("delivery", "accepted")), "order"),
        ((other, ("order", "accepted")), "order"),
        ((found, ("order", "received")), "order"),
        ((found, ("order", "refused")), "order"),
    ):
        await papers(place, *brought)
        with pytest.raises(NotSupported) as wrong:
            await prove()
        assert wrong.value.params["proof"] == lacking, "a paper that nobody took, or of another invoice, is none"
    await papers(place, found, ("order", "accepted"), ("order", "received"))
    assert (await prove()).state == "supported"
    assert set((await place.row(found)).proofs) == {"order", "delivery", "payments"}
    await place.pledge(found)
    assert (await place.base()).advance_minor == 3_600_000  # six tenths of six tenths of ¥100,000


async def test_d3_a_dispute_or_credit_note_cuts_what_can_be_drawn_and_asks_for_a_cure_not_a_call(yard) -> None:
    place = await yard()
    pledged = [await place.confirmed(number=f"2431200000001234{n}678", buyer=f"买家{n}有限公司") for n in (1, 2)]
    for one in pledged:
        await place.pledge(one)
    assert (await place.base()).advance_minor == 16_000_000
    await place.desk.draw(place.line, 160_000)
    await place.note(pledged[0], "credited", 20_000)
    assert "receivable_shortfall_reserved" in await place.notices(), "nothing of it has left: nothing is to be cured"
    await place.note(pledged[0], "disputed")
    counts = await place.base()
    assert counts.advance_minor == 4_800_000
    assert [one.bars for one in counts.counted if one.id == str(pledged[0])] == [("disputed",)]
    await place.note(pledged[0], "undisputed")
    assert (await place.base()).advance_minor > 12_000_000
    standing = await place.desk.standing(place.line)
    assert standing.reserved_minor + standing.drawn_minor == 16_000_000, "what is drawn is not touched"
    line = await place.desk.line(place.line.id)
    assert line.state == "open"


async def test_d3_a_mistyped_credit_note_or_payment_that_is_taken_back_counts_again_and_money_that_came_stays(
    yard,
) -> None:
    place = await yard()
    claim = await place.confirmed()
    await place.pledge(claim)
    whole = (await place.base()).advance_minor
    for wrong, right in (("credited", "uncredited"), ("paid", "unpaid")):
        await place.note(claim, wrong, 20_000)
        assert (await place.base()).advance_minor < whole
        await place.note(claim, right, 20_000)
        assert (await place.base()).advance_minor == whole
    await place.note(claim, "paid", 10_000)
    async with place.desk.counter.steps.sessions.begin() as session:
        row = await session.get_one(Receivable, claim)
        row.told_minor = 0  # the money was found
    await place.note(claim, "unpaid", 10_000)
    async with place.desk.counter.steps.sessions.begin() as session:
        assert (await session.get_one(Receivable, claim)).paid_minor == 1_000_000, "no word takes money back"


async def test_d3_what_becomes_of_an_invoice_that_secures_a_loan_has_its_value_looked_at_now(yard) -> None:
    place = await yard()
    claim = await place.confirmed()
    piece = uuid4()
    async with place.desk.counter.steps.sessions.begin() as session:
        row = await session.get_one(Receivable, claim)
        session.add(
            Collateral(
                id=piece,
                application_id=row.application_id,
                person_id=row.person_id,
                kind="receivable",
                ownership="own",
                state="registered",
                registration_no="R1",
                registered_at=datetime.now(UTC),
                value_minor=1,
                valued_on=date.today(),
                paper_sealed=b"",
                title_key=piece.bytes,
                facts={},
                receivable_id=claim,
                currency="CNY",
                created_at=datetime.now(UTC),
                changed_at=datetime.now(UTC),
            )
        )
    await place.note(claim, "credited", 20_000)
    async with place.desk.counter.steps.sessions.begin() as session:
        said = await session.scalars(select(Command.name).where(Command.workflow_id.like(f"%collateral/{piece}")))
        assert said.all() == ["revalue"]


async def test_p19_a_month_later_the_invoice_is_verified_again_and_red_ink_counts_for_nothing(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    standing = await place.pledge(found)
    today = await place.today()
    assert business_date(standing.due_at - timedelta(seconds=1), Jurisdiction.CN) == today + timedelta(days=29)
    await place.tax.post("/red", json={"number": NUMBER})
    again = await place.pledging.verify_again(ReceivableCase(found, uuid4()))
    assert (again.state, again.problem) == ("pledged", "invoice_red")
    assert (await place.base()).advance_minor == 0


async def test_a_receivable_that_ages_out_tells_its_owner_on_that_day(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    await place.pledge(found)
    await place.desk.arrives(await place.desk.draw(place.line, 48_000))
    async with place.desk.counter.steps.sessions.begin() as session:
        due = await place.today() - timedelta(days=1)
        await session.execute(update(Receivable).where(Receivable.id == found).values(due_on=due))
    await place.pledging.verify_again(ReceivableCase(found, uuid4()))
    assert (await place.notices())[-1] == "receivable_shortfall"


async def test_a_registration_that_fails_or_comes_second_leaves_nothing_behind(yard) -> None:
    place = await yard()
    refused = await place.confirmed(seller="苏州包装拒登")
    with pytest.raises(ReceivableNotFit):
        await place.pledge(refused)
    assert (await place.row(refused)).state == "supported"
    second = await place.confirmed(number="24312000000099999678", buyer="家乐福有限公司")
    elsewhere = {"pledgor": "苏州包装有限公司", "subject": "24312000000099999678/家乐福有限公司", "lender": "某某银行"}
    await place.pledges.post("/elsewhere", json=elsewhere)
    with pytest.raises(ReceivableKnown):
        await place.pledge(second)
    book = (await place.pledges.get("/book")).json()
    assert [one["lender"] for one in book["registrations"] if not one["cancelled"]] == ["某某银行"]
    assert (await place.base()).advance_minor == 0


async def test_x1_a_pledge_that_breaks_off_after_the_register_is_taken_up_and_not_registered_twice(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    await place.pledges.post("/faults", json={"mode": "down", "times": 1})
    with pytest.raises(Exception, match="pledges_error"):
        await place.pledge(found)
    paper_subject = f"{NUMBER}/{BUYER}"
    made = {"request_id": "r-1", "pledgor": "苏州包装有限公司", "subject": paper_subject, "amount_minor": 10_000_000,
            "until": "2030-01-01"}  # fmt: skip
    await place.pledges.post("/registrations", json=made)  # what an attempt registered before it was killed
    assert (await place.pledge(found)).state == "pledged"
    assert len((await place.pledges.get("/book")).json()["registrations"]) == 1


async def test_what_is_pledged_is_given_back_only_as_far_as_what_is_drawn_stays_covered(yard) -> None:
    place = await yard()
    pledged = [await place.confirmed(number=f"2431200000001234{n}678", buyer=f"买家{n}有限公司") for n in (1, 2)]
    for one in pledged:
        await place.pledge(one)
    await place.desk.draw(place.line, 100_000)
    with pytest.raises(NotInThisStage):
        await place.pledging.release_receivable(ReceivableCase(pledged[0], uuid4()))
    # Its money came: the draws here are nobody's loans at the rail, so that it is counted as the cashier counts it.
    async with place.desk.counter.steps.sessions.begin() as session:
        await session.execute(update(Receivable).where(Receivable.id == pledged[0]).values(paid_minor=10_000_000))
    paid = await place.note(pledged[0], "received", 100_000)
    assert paid.release, "its story releases it by itself"
    released = await place.pledging.release_receivable(ReceivableCase(pledged[0], uuid4()))
    assert released.state == "released"
    row = await place.row(pledged[0])
    assert row.cancelled_at is not None
    cancelled = [one["cancelled"] for one in (await place.pledges.get("/book")).json()["registrations"]]
    assert sorted(cancelled) == [0, 1]


async def test_what_is_given_back_carries_no_draw_while_the_register_has_not_cancelled_it(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    await place.pledge(found)
    await place.pledges.post("/faults", json={"mode": "down", "times": 1})
    case = ReceivableCase(found, uuid4())
    with pytest.raises(Exception, match="pledges_error"):
        await place.pledging.release_receivable(case)
    with pytest.raises(AboveBase):
        await place.desk.draw(place.line, 1_000)
    again = await place.pledging.verify_again(ReceivableCase(found, uuid4()))
    assert (again.state, again.release) == ("pledged", True), "its story goes on with it"
    assert (await place.pledging.release_receivable(case)).state == "released"
    assert [one["cancelled"] for one in (await place.pledges.get("/book")).json()["registrations"]] == [1]


async def test_a_registration_of_another_receivable_is_not_taken_up_for_this_one(yard) -> None:
    place = await yard()
    first = await place.confirmed(number="PZ-20417")
    await place.pledge(first)
    second = await place.offer(90_000, number="PZ-20417")
    assert (await place.check(second)).state == "review"
    await place.room.hear_receivable(ReceivableWord(second, uuid4(), "judge", clears=True))
    await place.ask(second)
    for signer in ("财务经理", "总经理"):
        await place.answer(second, signer)
    assert (await place.ask(second)).state == "supported"
    await place.pledge(second)
    assert (await place.row(first)).registration_no != (await place.row(second)).registration_no


async def test_p19_a_silent_platform_puts_a_buyer_off_and_the_months_end_ends_it(yard) -> None:
    place = await yard()
    found = await place.offer()
    await place.check(found)
    put_off = await place.room.put_off_receivable(ReceivableCase(found, uuid4()))
    assert (put_off.state, round(put_off.seconds / 3600)) == ("asked", 1)
    async with place.desk.counter.steps.sessions.begin() as session:
        month_ago = Receivable.created_at - timedelta(days=31)
        await session.execute(update(Receivable).where(Receivable.id == found).values(created_at=month_ago))
    ended = await place.room.put_off_receivable(ReceivableCase(found, uuid4()))
    assert ended.state == "lapsed"
    assert (await place.notices())[-1] == "receivable_lapsed"


async def test_d3_a_credit_note_that_one_person_said_frees_no_pledge_while_money_is_out(yard) -> None:
    place = await yard()
    pledged = [await place.confirmed(number=f"2431200000001234{n}678", buyer=f"买家{n}有限公司") for n in (1, 2)]
    for one in pledged:
        await place.pledge(one)
    await place.desk.arrives(await place.desk.draw(place.line, 10_000))
    word = uuid4()
    async with place.desk.counter.steps.sessions.begin() as session:
        session.add(
            Word(
                id=word, receivable_id=pledged[0], person_id=place.line.person_id, fact="credited",
                amount_minor=10_000_000, words="红字发票 001", said_by="staff:x", employee="3001", state="waits",
                said_at=datetime.now(UTC),
            )
        )  # fmt: skip
    async with place.desk.counter.steps.sessions.begin() as session:  # the rest of it came as money
        await session.execute(update(Receivable).where(Receivable.id == pledged[0]).values(paid_minor=4_000_000))
    alone = await place.note(pledged[0], "credited", 60_000)
    assert (await place.base()).advance_minor == 4_800_000, "it cuts at once"
    assert not alone.release, "the rest would carry what is out, and still one word frees nothing"
    async with place.desk.counter.steps.sessions.begin() as session:
        two = {"state": "stands", "second_by": "staff:y", "second_employee": "3002", "second_at": datetime.now(UTC)}
        await session.execute(update(Word).where(Word.id == word).values(**two))
    stands = await place.pledging.verify_again(ReceivableCase(pledged[0], uuid4()))
    assert stands.release, "with a second person it goes"


async def test_d3_the_database_refuses_the_same_person_as_the_second(yard) -> None:
    place = await yard()
    found = await place.confirmed()
    with pytest.raises(IntegrityError):
        async with place.desk.counter.steps.sessions.begin() as session:
            session.add(
                Word(
                    id=uuid4(), receivable_id=found, person_id=place.line.person_id, fact="undisputed", amount_minor=0,
                    words="争议解决了", said_by="staff:x", employee="3001", state="stands", said_at=datetime.now(UTC),
                    second_by="staff:y", second_employee="3001", second_at=datetime.now(UTC),
                )
            )  # fmt: skip
