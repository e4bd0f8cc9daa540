"""A field by its number: found and looked at before it is offered, by whoever may offer it, and held by one owner."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.fields import HttpFields, NumberOrder
from tests.api.conftest import WANTED
from tests.api.test_collateral import CROP, WALK, applicant, change, offer
from tests.api.test_commands import IDENTITY

__all__ = ["applicant"]

NUMBER = CROP["title"]
UNKNOWN = "320583200201J00901"


@dataclass
class Register:
    """The register of fields: which numbers were asked for, and one field under all that it knows."""

    asked: list[str] = field(default_factory=list)
    away: bool = False

    async def border(self, order: NumberOrder) -> tuple[tuple[Decimal, Decimal], ...]:
        self.asked.append(order.number)
        if self.away:
            raise GatewayUnavailable("fields_unreachable")
        if order.number == UNKNOWN:
            raise GatewayRefused("unknown_parcel")
        return tuple((Decimal(x), Decimal(y)) for x, y in WALK)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """For the pages too, which are a process of their own."""
    known = Register()
    monkeypatch.setattr(HttpFields, "border", lambda _self, order: known.border(order))
    return known


def look(application_id: UUID) -> str:
    return f"/v1/applications/{application_id}/parcel"


async def test_a_field_is_found_by_its_number_and_offered_only_when_its_border_is_sent(
    applicant: Any, register: Register
) -> None:
    owner, application_id = applicant
    found = await owner.get(look(application_id), params={"title": "320583 200201J 00012"})
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["title"], told["corners"]) == ("320583 200201J 00012", WALK)
    assert told["area_m2"] == pytest.approx(10_000, rel=0.01)
    assert register.asked == [NUMBER], "as numbers are compared, however they are typed"
    assert (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"] == []
    sent = await offer(owner, application_id, **CROP, parcel=told["corners"])
    assert sent.status_code in (200, 202), sent.text
    [piece] = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
    assert piece["kind"] == "crop"


async def test_a_number_that_nobody_knows_is_one_line_and_a_register_that_is_away_is_no_unknown_number(
    pages: Any, applicant: Any, register: Register
) -> None:
    owner, application_id = applicant
    for title, code in ((UNKNOWN, "no_such_parcel"), ("12", "too_short"), ("", "missing")):
        refused = await owner.get(look(application_id), params={"title": title})
        assert refused.status_code == 422, refused.text
        [one] = refused.json()["errors"]
        assert (one["pointer"], one["code"]) == ("#/title", code)
    typed = {"key": uuid4().hex, "kind": "crop", "label": CROP["label"], "title": UNKNOWN, "place": "昆山"}
    page = await pages(owner).post(f"/collateral/{application_id}/numbered", data=typed)
    assert page.status_code == 422 and "查不到这个编号的地块" in page.text and CROP["label"] in page.text
    register.away = True
    away = await owner.get(look(application_id), params={"title": NUMBER})
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")


async def test_on_the_page_the_border_stands_in_the_form_without_a_script_beside_what_was_typed(
    pages: Any, applicant: Any, register: Register
) -> None:
    owner, application_id = applicant
    mine, at = pages(owner), f"/collateral/{application_id}"
    assert f"{at}/numbered" in (await mine.get(f"{at}?kind=crop")).text
    typed = {"key": uuid4().hex, "kind": "crop", "label": CROP["label"], "title": NUMBER, "place": "昆山"}
    read = await mine.post(f"{at}/numbered", data=typed)
    assert read.status_code == 200, read.text
    area = re.search(r'<textarea[^>]*name="parcel"[^>]*>(.*?)</textarea>', read.text, re.DOTALL)
    assert area is not None and area[1].split() == [f"{x},{y}" for x, y in WALK]
    assert CROP["label"] in read.text
    sent = {**typed, "key": uuid4().hex, "ownership": "own", "place": "昆山市东塘村", "parcel": area[1]}
    assert (await mine.post(at, data=sent)).status_code == 303


async def another(api: Any, at_stage: Any, database: Any) -> tuple[Any, UUID]:
    """A second owner with a loan against collateral."""
    owner = await api.owner()
    application_id = UUID((await owner.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    at_stage(application_id, "evidence")
    database.execute(f"update application set product_id = 'collateral_backed' where id = '{application_id}'")
    return owner, application_id


async def test_anothers_field_that_is_pledged_is_refused_by_its_number_however_it_is_written_or_walked(
    api: Any, applicant: Any, at_stage: Any, database: Any, register: Register
) -> None:
    owner, application_id = applicant
    first = await offer(owner, application_id, **CROP, parcel=WALK)
    await change(
        api, UUID(first.json()["object_id"]), state="registered", value_minor=100, registration_no="DJ1", due_at=None
    )
    twin, theirs = await another(api, at_stage, database)
    found = (await twin.get(look(theirs), params={"title": NUMBER})).json()
    moved = [[x, f"{float(y) + 0.00001:.6f}"] for x, y in found["corners"]]
    for title in (NUMBER, "320583-200201j 00012", "３２０５８３200201J00012"):
        for corners in (found["corners"], moved):
            refused = await offer(twin, theirs, **{**CROP, "title": title}, parcel=corners)
            assert (refused.status_code, refused.json()["code"]) == (409, "collateral_known"), title


async def test_no_stranger_and_nobody_who_may_offer_nothing_asks_where_a_field_is(
    api: Any, applicant: Any, at_stage: Any, database: Any, register: Register
) -> None:
    owner, application_id = applicant
    stranger = await api.owner()
    assert (await stranger.get(look(application_id), params={"title": NUMBER})).status_code == 404
    at_stage(application_id, "paying")
    late = await owner.get(look(application_id), params={"title": NUMBER})
    assert (late.status_code, late.json()["code"]) == (409, "not_in_this_stage")
    at_stage(application_id, "evidence")
    product = "revenue_linked_working_capital"
    database.execute(f"update application set product_id = '{product}' where id = '{application_id}'")
    plain = await owner.get(look(application_id), params={"title": NUMBER})
    assert (plain.status_code, plain.json()["code"]) == (422, "outside_policy")
    assert register.asked == []
