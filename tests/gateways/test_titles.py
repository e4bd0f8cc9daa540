"""The real-estate bureau, the office of intellectual property, and fields seen from above."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx2
import pytest

from gateways.failures import GatewayRefused
from gateways.fields import Fields, HttpFields, NumberOrder, ParcelOrder
from gateways.titles import ChargeOrder, HttpTitles, TitleOrder, Titles
from lending import parcels
from simulators.fields import FieldsParty

TITLE = "苏(2019)昆山市不动产权第0012345号100"
LOOK = TitleOrder(request_id="t1", title=TITLE, owner="昆山精工机械")
CHARGE = ChargeOrder(request_id="m1", title=TITLE, owner="昆山精工机械", max_minor=240_000_000)
CORNERS = (("120.9501", "31.3801"), ("120.9521", "31.3801"), ("120.9521", "31.3815"), ("120.9501", "31.3815"))
PARCEL = ParcelOrder(
    request_id="p1", polygon=tuple((Decimal(x), Decimal(y)) for x, y in CORNERS), on=date(2026, 11, 30)
)


@pytest.mark.parametrize("office", ["estates", "patents", "vehicles"])
async def test_p18_a_charge_stands_behind_those_that_came_before_until_it_is_cancelled(party, office):
    register = HttpTitles(party(office), office, deadline=5)
    assert isinstance(register, Titles)
    clean = await register.look(LOOK)
    assert (clean.known, clean.owned, clean.shared, clean.sealed, clean.charges) == (True, True, False, False, ())
    other = {"title": TITLE, "lender": "某某银行", "max_minor": 50_000_000}
    await party(office).post("/elsewhere", json=other)
    made = await register.register(CHARGE)
    assert made.number
    assert await register.register(CHARGE) == made, "the same request is one registration"
    assert await register.look(LOOK) == clean, "the same search is the same answer"
    seen = await register.look(replace(LOOK, request_id="t2"))
    assert [(one.max_minor, one.ours) for one in seen.charges] == [(50_000_000, False), (240_000_000, True)]
    await register.cancel("m1")
    await register.cancel("m1")
    seen = await register.look(replace(LOOK, request_id="t3"))
    assert [one.ours for one in seen.charges] == [False]
    with pytest.raises(GatewayRefused, match=r"^registration_cancelled$"):
        await register.register(CHARGE)


@pytest.mark.parametrize(
    ("ending", "field", "value"),
    [
        ("901", "known", False),
        ("902", "sealed", True),
        ("903", "shared", True),
        ("904", "leased_until", date(2030, 12, 31)),
        ("905", "owned", False),
    ],
)
async def test_what_stands_on_a_title_is_told(party, ending, field, value):
    register = HttpTitles(party("estates"), "estates", deadline=5)
    seen = await register.look(replace(LOOK, request_id=f"t-{ending}", title=TITLE + ending))
    assert getattr(seen, field) == value


async def test_the_last_digits_of_a_title_count_also_where_it_ends_in_a_character(party):
    register = HttpTitles(party("estates"), "estates", deadline=5)
    real = "苏(2020)昆山市不动产权第0054{}号"
    assert (await register.look(replace(LOOK, request_id="hao-1", title=real.format("902")))).sealed
    with pytest.raises(GatewayRefused, match=r"^registration_refused$"):
        await register.register(replace(CHARGE, request_id="hao-9", title=real.format("909")))
    elsewhere = await register.look(replace(LOOK, request_id="hao-2", title="苏(2902)昆山市不动产权第0054321号"))
    assert not elsewhere.sealed, "digits before the last ones say nothing"


async def test_a_registration_that_is_looked_at_gets_its_number_later_and_one_that_is_refused_none(party):
    register = HttpTitles(party("estates"), "estates", deadline=5)
    await party("estates").post("/faults", json={"mode": "under_review", "times": 1})
    assert (await register.register(CHARGE)).number is None
    assert (await register.look(LOOK)).charges == (), "what has no number stands in no rank"
    assert (await register.register(CHARGE)).number
    with pytest.raises(GatewayRefused, match=r"^registration_refused$"):
        await register.register(replace(CHARGE, request_id="m9", title=TITLE + "909"))
    with pytest.raises(GatewayRefused, match=r"^request_id_taken$"):
        await register.register(replace(CHARGE, max_minor=1))


async def test_a_parcel_tells_crop_area_stage_confidence_and_day(party):
    above = HttpFields(party("fields"), deadline=5)
    assert isinstance(above, Fields)
    seen = await above.read(PARCEL)
    assert seen.crop in {"rice", "wheat", "maize", "rape"}
    assert 25_000 < seen.area_m2 < 30_000, "190 m by 156 m, less what carries nothing"
    assert seen.stage in {"sown", "growing", "ripe"}
    assert Decimal("0.8") <= seen.confidence <= 1
    assert seen.seen_on == date(2026, 11, 29)
    assert await above.read(PARCEL) == seen
    for mode, told in (("clouds", "confidence"), ("old_picture", "seen_on")):
        await party("fields").post("/faults", json={"mode": mode, "times": 1})
        other = await above.read(replace(PARCEL, request_id=f"p-{mode}"))
        assert getattr(other, told) < getattr(seen, told)
    with pytest.raises(GatewayRefused, match=r"^no_parcel$"):
        await above.read(replace(PARCEL, request_id="p2", polygon=(PARCEL.polygon[0],) * 3))


async def test_a_number_has_one_border_which_can_be_read_from_above_and_an_unknown_one_has_none(party):
    register = HttpFields(party("fields"), deadline=5)
    asked = NumberOrder(request_id="n1", number="320583200201J00012")
    border = await register.border(asked)
    assert await register.border(asked) == border, "the same question is the same answer"
    assert await register.border(replace(asked, request_id="n2")) == border, "and so is the same number"
    other = await register.border(NumberOrder(request_id="n3", number="320583200201J00013"))
    assert set(other).isdisjoint(border)
    corners = [(float(x), float(y)) for x, y in border]
    assert parcels.fault(corners) == "", "a field that may be offered"
    seen = await register.read(replace(PARCEL, polygon=border))
    assert seen.area_m2 == pytest.approx(parcels.area_m2(corners) * 0.95, rel=0.01)
    with pytest.raises(GatewayRefused, match=r"^unknown_parcel$"):
        await register.border(NumberOrder(request_id="n4", number="320583200201J00901"))
    with pytest.raises(GatewayRefused, match=r"^request_id_taken$"):
        await register.border(replace(asked, number="320583200201J00014"))
    book = (await party("fields").get("/book")).json()
    assert [one["number"][-3:] for one in book["borders"]] == ["012", "012", "013"]
    assert [one["request_id"] for one in book["readings"]] == ["p1"]


async def test_the_borders_are_in_the_book_after_the_party_has_gone_and_come_back(tmp_path):
    asked = {"request_id": "n1", "number": "320583200201J00012"}
    told = []
    for _ in range(2):
        one = FieldsParty(tmp_path)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=one.app), base_url="http://fields") as line:
            told.append((await line.get("/book")).json()["borders"])
            assert (await line.post("/borders", json=asked)).status_code == 200
        await one.stop()
    assert told[0] == [] and [row["number"] for row in told[1]] == [asked["number"]]
