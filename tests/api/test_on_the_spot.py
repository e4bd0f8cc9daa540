"""P33: what was captured on the spot is of its task, of its time and of its piece, or everybody sees that it is not."""

import asyncio
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageOps
from sqlalchemy import select, update

from api.manager import duties
from api.staff import gates
from db import clocks, collateral, offline, on_the_spot, people
from db.offline import New
from db.tables import Application, Collateral, Payout, Staff, Task
from lending.refusals_at_desk import NumberDiffers, ThingLikeAnother
from tests.api.conftest import WANTED
from tests.api.test_collateral import WORKSHOP, Asking, applicant, change, offer
from tests.api.test_commands import IDENTITY
from tests.api.test_offline import around, found_on_the_map, its_day_comes, manned, send, shot, visit, write
from tests.fronts import cut, front, saved
from tests.yards import yard

__all__ = ["applicant", "around", "manned", "visit"]
TITLE = WORKSHOP["title"]
OTHER = "苏(2019)昆山不动产权第0099999号"


# --- its time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "off",
    [timedelta(days=-365 * 27), timedelta(days=-1), timedelta(days=1), timedelta(days=365 * 73)],
    ids=["1999", "yesterday", "tomorrow", "2099"],
)
async def test_p33_a_photo_of_another_year_or_of_the_day_before_the_task_was_opened_is_refused_in_one_line(
    visit: Any, off: timedelta
) -> None:
    _, manager, _, task_id = visit
    moment = datetime.now(UTC) + off
    by_picture = await send(manager, task_id, shot(placed=True, at=moment))
    by_page = await send(manager, task_id, shot(), taken_at=moment.isoformat())
    in_words = await manager.post(
        f"/v1/manager/offline/{task_id}/words",
        {"kind": "note", "words": "店里三个人", "taken_at": moment.isoformat()},
        key_=str(uuid4()),
    )
    for no in (by_picture, by_page, in_words):
        assert (no.status_code, no.json()["code"]) == (422, "taken_outside_task"), no.text
        assert no.json()["detail"].count("\n") == 0
    assert (await manager.get(f"/v1/manager/offline/{task_id}")).json()["evidence"] == []


async def test_p33_an_old_picture_is_not_made_new_by_a_page_that_says_now(visit: Any) -> None:
    _, manager, _, task_id = visit
    now = datetime.now(UTC)
    old = shot(placed=True, at=now - timedelta(days=40))
    no = await send(manager, task_id, old, taken_at=now.isoformat())
    assert no.json()["code"] == "taken_outside_task", "what the picture says counts"
    no = await send(manager, task_id, shot(placed=True), taken_at=(now - timedelta(days=40)).isoformat())
    assert no.json()["code"] == "taken_outside_task", "and what the page says too"


async def test_p33_a_phone_without_a_net_brings_it_days_later_and_a_clock_off_by_minutes_is_no_lie(
    api: Any, visit: Any, database: Any
) -> None:
    _, manager, _, task_id = visit
    database.execute(f"update task set created_at = now() - interval '5 days' where id = '{task_id}'")
    now = datetime.now(UTC)
    # The clock of these tests was started with them: its first segment stands for all that was before.
    for moment in (now - timedelta(minutes=1), now + timedelta(minutes=10)):
        assert (await send(manager, task_id, shot(placed=True, at=moment))).status_code == 200
    assert (await send(manager, task_id, shot(placed=True, at=now - timedelta(days=3)))).status_code == 200


# --- its task ---------------------------------------------------------------------------------------------------------


async def another_visit(api: Any, application_id: UUID, manager: Any) -> UUID:
    kind = api.tools.policies.offline.kind("visit")
    new = New(uuid4(), "visit", kind.role, kind.within, kind.kept_open, "rule")
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, api.settings.clock_id)
        task = await offline.open_task(session, application, new, now=now)
        task.owner_id = await session.scalar(select(Staff.id).where(Staff.login == manager.name))
    return new.id


def resaved(data: bytes) -> bytes:
    """The same picture without what its file said of itself, and with something behind its end."""
    at, out = 2, bytearray(data[:2])
    while data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4]) + 2
        if data[at + 1] != 0xE1:
            out += data[at : at + size]
        at += size
    return bytes(out + data[at:] + b"behind the end")


async def test_p33_the_picture_of_another_customers_visit_is_marked_wherever_it_is_seen_and_does_not_count(
    api: Any, visit: Any, pages: Any, at_stage: Any, database: Any
) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    first = shot(placed=True)
    assert (await send(manager, task_id, first)).status_code == 200
    stranger = await api.owner()

    other_id = UUID((await stranger.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(other_id, "identity")
    assert (await stranger.post(f"/v1/applications/{other_id}/identity", IDENTITY)).status_code == 200
    at_stage(other_id, "review")
    second = await another_visit(api, other_id, manager)
    await found_on_the_map(api, second)
    assert resaved(first) != first
    kept = (await send(manager, second, resaved(first), latitude="31.2", longitude="121.4")).json()
    assert "A-" in kept["evidence"][0]["doubt"] and "别的客户" in kept["evidence"][0]["doubt"]
    assert {one["code"]: one["many"] for one in kept["card"]["still"]} == {"photo": 3, "note": 1}
    page = (await pages(manager).get(f"/manager/offline/{second}")).text
    assert "another customer" in page and "photos × 3" in page, "the task says which, and how many are missing"
    mine = (await manager.get(f"/v1/manager/offline/{task_id}")).json()["evidence"]
    assert [one["doubt"] for one in mine] == [""], "the first keeps what it has"

    for _ in range(2):
        assert (await send(manager, second, shot(placed=True))).status_code == 200
    assert (await write(manager, second, "note", "店里三个人，货对得上")).status_code == 200
    database.execute(f"update task set slot_at = now() - interval '1 minute', way = 'on_site' where id = '{second}'")
    no = await manager.post(f"/v1/manager/offline/{second}/finish", {"result": "done"})
    assert (no.status_code, no.json()["code"]) == (409, "evidence_missing"), "two of its own are not three"
    assert no.json()["params"]["lackings"][0] == {"captured": "photo", "still": 1, "asked": 3}, "and it says how many"

    review = uuid4()
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{review}', 'review', id, person_id, 'manager', 'open', '{{}}', "
        f"now(), now() + interval '1 day' from application where id = '{other_id}'",
        f"update task set state = 'done', finished_at = now(), outcome = '{{\"result\": \"done\"}}' "
        f"where id = '{second}'",
    )
    case = (await pages(manager).get(f"/manager/tasks/{review}")).text
    assert "do not count: 1" in case, "the case says so"
    report = (await manager.get(f"/v1/manager/customers/{other_id}/report")).json()
    assert any(line["code"] == "pictures_served" and "1" in line["text"] for line in report["lines"])


async def test_p33_three_times_the_same_picture_is_one_and_a_second_task_of_ones_own_needs_its_own(
    api: Any, visit: Any
) -> None:
    _, manager, application_id, task_id = visit
    await found_on_the_map(api, task_id)
    picture = shot(placed=True)
    for _ in range(3):
        seen = await send(manager, task_id, picture)
    assert {one["code"]: one["many"] for one in seen.json()["card"]["still"]} == {"photo": 2, "note": 1}
    assert [bool(one["doubt"]) for one in seen.json()["evidence"]] == [False, True, True]
    second = await another_visit(api, application_id, manager)
    seen = (await send(manager, second, picture)).json()
    assert "这位客户" in seen["evidence"][0]["doubt"]
    assert {one["code"]: one["many"] for one in seen["card"]["still"]}["photo"] == 3


WAYS = {
    "quality 30": lambda picture: saved(picture, 30),
    "half its size": lambda picture: saved(picture.resize((600, 450))),
    "cut by 5 %": lambda picture: saved(cut(picture, 0.05, 0.05, 0.05, 0.05)),
    "mirrored": lambda picture: saved(ImageOps.mirror(picture)),
    "on its side": lambda picture: saved(picture.rotate(90, expand=True)),
    "turned by 3 degrees": lambda picture: saved(picture.rotate(3)),
    "cut by 12 %": lambda picture: saved(cut(picture, 0.06, 0.12, 0.06, 0)),
    "framed": lambda picture: saved(ImageOps.expand(picture, 60, "beige")),
}


@pytest.mark.parametrize("way", WAYS)
async def test_p33_a_picture_saved_anew_smaller_or_cut_is_the_one_that_served_and_another_photo_of_the_front_is_not(
    api: Any, visit: Any, pages: Any, way: str
) -> None:
    _, manager, application_id, task_id = visit
    lead = await api.staff("lead")
    seed = list(WAYS).index(way)
    at = {"latitude": "31.2305", "longitude": "121.4737", "taken_at": datetime.now(UTC).isoformat()}
    await found_on_the_map(api, task_id)
    picture = yard(seed)
    assert (await send(manager, task_id, saved(picture), **at)).json()["evidence"][-1]["counts"]
    twice = (await send(manager, task_id, saved(picture, 70), **at)).json()["evidence"][-1]
    assert (twice["counts"], twice["another"]) == (False, False) and "换个角度" in twice["doubt"]
    second = await another_visit(api, application_id, manager)
    await found_on_the_map(api, second)
    again = (await send(manager, second, WAYS[way](picture), **at)).json()["evidence"][-1]
    assert not again["counts"] and "同一个画面" in again["doubt"] and "A-" in again["doubt"]
    other = (await send(manager, second, saved(yard(seed, 1)), **at)).json()
    assert other["evidence"][-1]["counts"] and other["card"]["still"][0] == {"code": "photo", "many": 2}
    page = (await pages(manager).get(f"/manager/offline/{second}")).text
    assert "It shows the same view as a picture of this customer" in page
    path = f"/v1/manager/offline/evidence/{again['id']}"
    assert (await lead.get(f"{path}/file")).status_code == 200
    said = {"reason": "我在场，同一个机位又拍了一张，货架上的货不同"}
    taken = next(
        one for one in (await lead.post(f"{path}/voucher", said)).json()["evidence"] if one["id"] == again["id"]
    )
    assert (taken["counts"], taken["explained"]) == (True, said["reason"]), (
        "a likeness may be wrong, and a person says so"
    )


async def test_p33_one_shot_turned_mirrored_cut_and_framed_is_one_photo_of_its_task_until_another_person_says_otherwise(
    api: Any, visit: Any
) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    at = {"latitude": "31.2305", "longitude": "121.4737", "taken_at": datetime.now(UTC).isoformat()}
    picture = yard(101)
    assert (await send(manager, task_id, saved(picture), **at)).json()["evidence"][-1]["counts"]
    for way in ("mirrored", "on its side", "turned by 3 degrees", "cut by 12 %", "framed"):
        seen = (await send(manager, task_id, WAYS[way](picture), **at)).json()
        assert (seen["evidence"][-1]["counts"], seen["evidence"][-1]["another"]) == (False, True), way
        assert seen["card"]["still"][0] == {"code": "photo", "many": 2}, way
    on_its_head = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # a camera that was held upside down says so, and the picture is turned as it says
    picture.rotate(180).save(on_its_head, "JPEG", exif=exif)
    seen = (await send(manager, task_id, on_its_head.getvalue(), **at)).json()["evidence"][-1]
    assert (seen["counts"], seen["another"]) == (False, False), "the very same view, which nobody takes as another"
    assert (await send(manager, task_id, saved(yard(101, 2)), **at)).json()["evidence"][-1]["counts"], "a step aside"
    framed = next(one for one in (await manager.get(f"/v1/manager/offline/{task_id}")).json()["evidence"][5:6])
    lead, said = await api.staff("lead"), {"reason": "我在场，这是另一面墙上的同款铭牌"}
    path = f"/v1/manager/offline/evidence/{framed['id']}"
    assert (await manager.post(f"{path}/voucher", said)).json()["code"] == "another_takes_it"
    assert (await lead.get(f"{path}/file")).status_code == 200
    taken = (await lead.post(f"{path}/voucher", said)).json()
    assert "card" in taken and taken["card"]["needs"] == ["note"], "three views: two places, and one by a person's word"


async def test_p33_of_two_like_pictures_that_come_at_one_instant_for_two_visits_one_is_second(
    api: Any, visit: Any
) -> None:
    _, manager, application_id, task_id = visit
    second = await another_visit(api, application_id, manager)
    for task in (task_id, second):
        await found_on_the_map(api, task)
    at = {"latitude": "31.2305", "longitude": "121.4737", "taken_at": datetime.now(UTC).isoformat()}
    picture = front(uuid4().int)
    answers = await asyncio.gather(
        send(manager, task_id, saved(picture), **at), send(manager, second, saved(picture, 30), **at)
    )
    assert [one.status_code for one in answers] == [200, 200]
    seen = [(await manager.get(f"/v1/manager/offline/{task}")).json()["evidence"][0] for task in (task_id, second)]
    assert sorted(one["counts"] for one in seen) == [False, True]


async def test_p33_a_photo_taken_again_with_location_on_counts_though_the_first_one_is_like_it(
    api: Any, visit: Any
) -> None:
    _, manager, _, task_id = visit
    await found_on_the_map(api, task_id)
    at = {"latitude": "31.2305", "longitude": "121.4737", "taken_at": datetime.now(UTC).isoformat()}
    picture = front(uuid4().int)
    assert not (await send(manager, task_id, saved(picture))).json()["evidence"][-1]["counts"]
    assert (await send(manager, task_id, saved(picture, 70), **at)).json()["evidence"][-1]["counts"]


# --- its piece --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def looked_at(api: Any, applicant: Any) -> tuple[Any, Any, UUID, UUID, UUID]:
    """(owner, manager, application, piece, the valuation's task)."""
    owner, application_id = applicant
    manager = await api.staff("manager")
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    kind = api.tools.policies.offline.kind("valuation")
    new = New(
        uuid4(), "valuation", kind.role, kind.within, kind.kept_open, "collateral", number="certificate", piece=piece
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, api.settings.clock_id)
        task = await offline.open_task(session, application, new, now=now)
        task.owner_id = await session.scalar(select(Staff.id).where(Staff.login == manager.name))
    await change(api, piece, state="valuing", task_id=new.id)
    return owner, manager, application_id, piece, new.id


async def stands(api: Any, application_id: UUID) -> Any:
    async with api.tools.sessions.begin(scope="staff") as session:
        application = await session.get_one(Application, application_id)
        found = await duties.standing(session, Asking(api.tools), application)
        return next(one for one in found if one.code == "numbers_match")


@pytest.mark.parametrize(
    "copied",
    [
        TITLE,
        "苏（２０１９）昆山不动产权第００１２３４５号",
        " 苏(2019) 昆山 不动产权 第 0012345 号",
        "苏-2019-昆山不动产权第0012345号",
    ],
)
async def test_p33_a_number_in_full_width_with_spaces_or_dashes_is_still_the_pieces(
    api: Any, looked_at: Any, copied: str
) -> None:
    _, manager, application_id, _, task_id = looked_at
    seen = (await write(manager, task_id, "serial", copied)).json()["evidence"][-1]
    assert (seen["differs"], seen["doubt"]) == (False, "")
    assert (await stands(api, application_id)).standing.value == "met"


async def test_p33_another_certificate_stops_the_yes_and_the_money_until_somebody_says_why_and_the_words_are_shown(
    api: Any, looked_at: Any, pages: Any, database: Any
) -> None:
    _, manager, application_id, piece, task_id = looked_at
    seen = (await write(manager, task_id, "serial", OTHER)).json()["evidence"][-1]
    assert seen["differs"] and TITLE in seen["doubt"]
    await change(api, piece, task_id=None, state="valued", value_minor=1, valued_on=datetime.now(UTC).date())
    duty = await stands(api, application_id)
    assert (duty.standing.value, duty.lacks) == ("gap", ("captured:certificate",))
    assert "numbers_match" in api.tools.policies.duties.required, "nobody says yes over it"
    async with api.tools.sessions.begin(scope="worker") as session:
        assert [one.id for one in await on_the_spot.differences(session, application_id)] == [UUID(seen["id"])]
        await session.execute(
            update(Collateral)
            .where(Collateral.id == piece)
            .values(
                state="registered", registration_no="R-1", registered_at=datetime.now(UTC),
                register_by=datetime.now(UTC),
            )
        )  # fmt: skip
        no = await gates.in_the_way(session, Payout(application_id=application_id))
        assert isinstance(no, NumberDiffers) and no.params == {"captured": "certificate"}
    path = f"/v1/manager/offline/evidence/{seen['id']}/explanation"
    other = await api.staff("manager")
    said = {"explanation": "换证后号码变了，旧证已收回，登记机构有记录"}
    assert (await other.post(path, said)).json()["code"] == "not_their_task"
    empty = await manager.post(path, {"explanation": " "})
    assert [one["pointer"] for one in empty.json()["errors"]] == ["#/explanation"]
    room = pages(manager)
    page = (await room.get(f"/manager/offline/{task_id}")).text
    assert f"/manager/offline/things/{seen['id']}/explanation" in page
    assert (
        await room.post(
            f"/manager/offline/things/{seen['id']}/explanation", data={"explanation": "", "key": uuid4().hex}
        )
    ).status_code == 422
    explained = (await manager.post(path, said)).json()["evidence"][-1]
    assert (explained["differs"], explained["explained"]) == (False, said["explanation"])
    assert (await manager.post(path, {"explanation": "换一个说法也行"})).json()["code"] == "number_stands", "said once"
    assert (await stands(api, application_id)).standing.value == "met"
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await gates.in_the_way(session, Payout(application_id=application_id)) is None
    assert said["explanation"] in (await room.get(f"/manager/offline/{task_id}")).text
    database.execute(
        f"update task set state = 'done', finished_at = now(), outcome = '{{\"result\": \"done\"}}' "
        f"where id = '{task_id}'"
    )
    review = uuid4()
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{review}', 'review', id, person_id, 'manager', 'open', '{{}}', "
        f"now(), now() + interval '1 day' from application where id = '{application_id}'"
    )
    assert said["explanation"] in (await room.get(f"/manager/tasks/{review}")).text, "whoever decides reads it"
    report = (await manager.get(f"/v1/manager/customers/{application_id}/report")).json()
    lines = {line["code"]: line["text"] for line in report["lines"]}
    assert "不动产权证号" in lines["brought"] and OTHER in lines["brought"]
    assert said["explanation"] in lines["differs_explained"]


async def test_p33_a_slip_of_the_pen_is_mended_by_copying_it_again_and_stays_to_be_seen(
    api: Any, looked_at: Any
) -> None:
    _, manager, application_id, _, task_id = looked_at
    assert (await write(manager, task_id, "serial", TITLE.replace("345", "354"))).status_code == 200
    assert (await stands(api, application_id)).standing.value == "gap"
    seen = (await write(manager, task_id, "serial", TITLE)).json()["evidence"]
    assert (await stands(api, application_id)).standing.value == "met"
    assert "后来重新抄对了" in seen[0]["doubt"]
    async with api.tools.sessions.begin(scope="worker") as session:
        assert not await on_the_spot.differences(session, application_id)
    wrong_again = (await write(manager, task_id, "serial", OTHER)).json()["evidence"][-1]
    assert wrong_again["differs"], "and one that was right before says nothing for another that comes after"


async def test_p33_a_piece_that_is_over_stops_nothing_of_the_one_that_came_for_it(api: Any, looked_at: Any) -> None:
    _, manager, application_id, piece, task_id = looked_at
    assert (await write(manager, task_id, "serial", OTHER)).status_code == 200
    await change(api, piece, state="lapsed")
    assert (await stands(api, application_id)).standing.value == "not_asked"


# --- and no other one ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("苏(2023)昆山不动产权第0045698号", "real_estate"),  # a figure less well read
        ("苏(2O23)昆山不动产权第00456789号", "real_estate"),
        ("苏(2023)昆山不动产权第0045689号", "equipment"),  # the very number, of another kind
        ("江苏省（贰零贰叁）崑山市不動產權第四万五千六百八十九號", "real_estate"),  # in another writing
        ("昆房权证字第45689号", "real_estate"),  # without its year and province
    ],
)
async def test_p18_a_number_one_character_off_one_that_is_held_waits_for_a_person_who_tells_the_two_apart(
    api: Any, applicant: Any, pages: Any, database: Any, at_stage: Any, title: str, kind: str
) -> None:
    owner, application_id = applicant
    stranger = await api.owner()
    other_id = UUID((await stranger.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(other_id, "identity")
    assert (await stranger.post(f"/v1/applications/{other_id}/identity", IDENTITY)).status_code == 200
    at_stage(other_id, "evidence")
    database.execute(
        f"update application set product_id = 'collateral_backed', amount_minor = 320000000 where id = '{other_id}'"
    )
    held_one = UUID((await offer(owner, application_id, title="苏(2023)昆山不动产权第0045689号")).json()["object_id"])
    machine = {"kind": kind, "bought": {"amount": "500000.00", "currency": "CNY"}, "bought_on": "2025-02-03"}
    more = machine if kind == "equipment" else {}
    tapped = await offer(stranger, other_id, title=title, **more)
    assert tapped.status_code in (200, 202), tapped.text
    piece = UUID(tapped.json()["object_id"])
    manager, lead = await api.staff("manager"), await api.staff("lead")
    path = f"/v1/manager/collateral/{piece}"
    assert "A-" in (await manager.get(path)).json()["like"]
    assert (await manager.get(f"/v1/manager/collateral/{held_one}")).json()["like"] == "", (
        "the first is nobody's double"
    )
    assert (
        "like" not in (await stranger.get(f"/v1/applications/{other_id}/collateral")).json()["pieces"][0]
        or not (await stranger.get(f"/v1/applications/{other_id}/collateral")).json()["pieces"][0]["like"]
    ), "whose the other one is, is not theirs to read"
    duty = await stands(api, other_id)
    assert (duty.standing.value, duty.lacks) == ("gap", (f"like:{kind}",)), "nobody says yes over it"
    await change(api, piece, state="registered", registration_no="R-9", registered_at=datetime.now(UTC),
                 value_minor=1, valued_on=date(2026, 11, 30))  # fmt: skip
    async with api.tools.sessions.begin(scope="worker") as session:
        no = await gates.in_the_way(session, Payout(application_id=other_id))
        assert isinstance(no, ThingLikeAnother), "and no money leaves on it"
    said = {"reason": "两本证都看过原件，楼号不同"}
    no = await manager.post(f"{path}/apart", said)
    assert (no.status_code, no.json()["code"]) == (409, "another_takes_it"), "not whoever happens by"
    short = await lead.post(f"{path}/apart", {"reason": "没事"})
    assert [one["pointer"] for one in short.json()["errors"]] == ["#/reason"]
    page = (await pages(lead).get(f"/manager/collateral/{piece}")).text
    assert f'action="/manager/collateral/{piece}/apart"' in page
    told = await lead.post(f"{path}/apart", said)
    assert told.status_code == 200, told.text
    assert (told.json()["apart"], bool(told.json()["apart_by"])) == (said["reason"], True)
    assert (await lead.post(f"{path}/apart", said | {"reason": "再说一遍也行"})).json()["code"] == "thing_stands"
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await gates.in_the_way(session, Payout(application_id=other_id)) is None
    assert said["reason"] in (await pages(manager).get(f"/manager/collateral/{piece}")).text


async def test_a_typed_number_keeps_no_owner_out_and_takes_nothing_of_what_their_thing_carries(
    api: Any, applicant: Any, pages: Any, database: Any, at_stage: Any
) -> None:
    owner, application_id = applicant
    stranger = await api.owner()
    other_id = UUID((await stranger.post("/v1/applications", WANTED)).json()["object_id"])
    at_stage(other_id, "identity")
    assert (await stranger.post(f"/v1/applications/{other_id}/identity", IDENTITY)).status_code == 200
    at_stage(other_id, "evidence")
    database.execute(f"update application set product_id = 'collateral_backed' where id = '{other_id}'")
    machine = {"kind": "equipment", "bought": {"amount": "500000.00", "currency": "CNY"}, "bought_on": "2025-02-03"}
    typed = await offer(stranger, other_id, title="DMU-77-90417", **machine)
    claim = UUID(typed.json()["object_id"])
    await change(api, claim, state="valuing")
    mine = await offer(owner, application_id, title="DMU 77-90417", **machine)
    assert mine.status_code in (200, 202), "a number that somebody typed is no evidence"
    piece = UUID(mine.json()["object_id"])
    seen = await owner.get(f"/v1/applications/{application_id}/collateral")
    assert str(other_id) not in seen.text and str(claim) not in seen.text, "whose the other is, is not theirs to read"
    again = await offer(owner, application_id, title="DMU-77-90417", **machine)
    assert (again.status_code, again.json()["code"]) == (409, "collateral_own")
    lead = await api.staff("lead")
    for one in (piece, claim):
        assert "A-" in (await lead.get(f"/v1/manager/collateral/{one}")).json()["like"], "a desk line on both"
        assert "the very number" in (await pages(lead).get(f"/manager/collateral/{one}")).text
    await change(api, piece, desktop_minor=40_000_000)
    async with api.tools.sessions.begin(scope="worker") as session:
        on = date(2026, 11, 30)
        assert (await collateral.covers(session, application_id, api.tools.policies.collateral, on))[1] > 0
        assert [one.id for one in await collateral.doubled(session, application_id)] == [piece]
    told = await lead.post(f"/v1/manager/collateral/{piece}/apart", {"reason": "发票和铭牌都是这一家的，那边没有材料"})
    assert told.status_code == 200, told.text
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await collateral.doubled(session, application_id) == []
        assert [one.id for one in await collateral.doubled(session, other_id)] == [claim], "the claim stays looked at"
    await change(api, piece, state="registered", registration_no="R-1", value_minor=1, valued_on=date(2026, 11, 30))
    await change(api, claim, state="lapsed")
    known = await offer(stranger, other_id, title="DMU77 90417", **machine)
    assert (known.status_code, known.json()["code"]) == (409, "collateral_known"), "by now it secures a loan"


async def test_p18_a_twin_in_another_writing_carries_nothing_before_somebody_told_the_two_apart(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    first = UUID((await offer(owner, application_id, title="苏(2022)昆山不动产权第0071234号")).json()["object_id"])
    async with api.tools.sessions.begin(scope="worker") as session:  # as it was held before writings were told
        await session.execute(update(Collateral).where(Collateral.id == first).values(looks_keys=None))
    twin = UUID((await offer(owner, application_id, title="昆房权证字第七万一千二百三十四号")).json()["object_id"])
    rules = api.tools.policies.collateral

    async def carries() -> int:
        async with api.tools.sessions.begin(scope="worker") as session:
            return (await collateral.covers(session, application_id, rules, date(2026, 11, 30)))[1]

    await change(api, first, desktop_minor=100_000_000)
    await change(api, twin, desktop_minor=100_000_000)
    alone = await carries()
    assert alone > 0, "the first of them carries"
    await change(api, twin, apart_sealed=b"x", apart_by="lead", apart_at=datetime.now(UTC))
    assert await carries() == 2 * alone, "and the second once they are two"


# --- its place --------------------------------------------------------------------------------------------------------


async def test_p33_a_valuation_away_from_where_the_file_has_the_piece_needs_a_reason_and_another_persons_word(
    api: Any, looked_at: Any, pages: Any
) -> None:
    _, manager, _, _, task_id = looked_at
    path = f"/v1/manager/offline/{task_id}"
    seen = (await manager.get(path)).json()
    assert (seen["on_file"], seen["known_place"], seen["differs"]) == (WORKSHOP["place"], WORKSHOP["place"], False)
    chosen = {"slot_at": seen["slots"][0], "way": "on_site", "place": "上海市南京西路 100 号"}
    no = await manager.post(f"{path}/slot", chosen)
    assert [(one["pointer"], one["code"]) for one in no.json()["errors"]] == [("#/reason", "missing")]
    async with api.tools.sessions.begin(scope="worker") as session:
        task = await session.get_one(Task, task_id)
        key = await people.key_of(session, api.tools.vault, task.person_id)
        task.place_sealed = api.tools.vault.seal(key, offline.WHERE, task_id, chosen["place"])
        task.params = {**task.params, offline.PLACE_BY: f"staff:{uuid4()}", offline.PLACE_WHY: "客户说搬了"}
    await found_on_the_map(api, task_id)
    photo = (await send(manager, task_id, shot(placed=True))).json()
    assert photo["differs"] and not photo["evidence"][-1]["counts"] and photo["evidence"][-1]["another"]
    page = (await pages(manager).get(path.removeprefix("/v1"))).text
    assert "is not where the file has the piece" in page and WORKSHOP["place"] in page


async def test_p18_a_managers_page_of_a_piece_tells_loan_to_value_before_registration_and_says_that_it_is_provisional(
    api: Any, looked_at: Any, pages: Any
) -> None:
    _, manager, _, piece, _ = looked_at
    await change(api, piece, task_id=None, state="valued", value_minor=500_000_000, valued_on=datetime.now(UTC).date())
    seen = (await manager.get(f"/v1/manager/collateral/{piece}")).json()
    assert float(seen["loan_to_value"]) > 0 and seen["before_registration"]
    page = (await pages(manager).get(f"/manager/collateral/{piece}")).text
    assert "before registration, at what is asked" in page
    await change(api, piece, state="registered", registration_no="苏押 2026-1", ours_minor=100_000_000)
    seen = (await manager.get(f"/v1/manager/collateral/{piece}")).json()
    assert (seen["loan_to_value"], seen["before_registration"]) == ("0.2", False)


# --- its day ----------------------------------------------------------------------------------------------------------


async def test_b3_a_valuation_without_an_hour_or_before_its_day_is_not_done(api: Any, looked_at: Any) -> None:
    _, manager, _, _, task_id = looked_at
    path = f"/v1/manager/offline/{task_id}"
    await found_on_the_map(api, task_id)
    for _ in range(2):
        assert (await send(manager, task_id, shot(placed=True))).status_code == 200
    for kind, words in (("serial", TITLE), ("note", "现场和证一致"), ("reference", "PG-2026-1")):
        assert (await write(manager, task_id, kind, words)).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(update(Task).where(Task.id == task_id).values(slot_at=None))
    no = await manager.post(f"{path}/finish", {"result": "done"})
    assert (no.status_code, no.json()["code"]) == (409, "not_its_day_yet"), "nobody arranged it"
    async with api.tools.sessions.begin(scope="worker") as session:
        ahead = update(Task).where(Task.id == task_id).values(slot_at=datetime.now(UTC) + timedelta(days=2))
        await session.execute(ahead)
    no = await manager.post(f"{path}/finish", {"result": "done"})
    assert (no.status_code, no.json()["code"]) == (409, "not_its_day_yet"), "its day is still to come"
    await its_day_comes(api, task_id)
    assert (await manager.post(f"{path}/finish", {"result": "done"})).status_code in (200, 202)


# --- and its list -----------------------------------------------------------------------------------------------------


async def test_p33_what_a_manager_brought_home_of_every_piece_is_not_asked_of_its_owner_too(
    api: Any, looked_at: Any, fresh_key: Any
) -> None:
    owner, manager, application_id, piece, task_id = looked_at

    async def asked() -> set[str]:
        seen = (await owner.get(f"/v1/applications/{application_id}/checklist")).json()["items"]
        return {one["id"] for one in seen}

    async def task(**values: Any) -> None:
        async with api.tools.sessions.begin(scope="worker") as session:
            await session.execute(update(Task).where(Task.id == task_id).values(**values))

    await change(api, piece, kind="equipment")
    assert (await send(manager, task_id, shot(placed=True))).status_code == 200
    assert (await write(manager, task_id, "serial", OTHER)).status_code == 200
    assert {"photos", "serial_numbers", "purchase_invoice"} <= await asked(), "the visit is not finished"
    await task(state="done", outcome={"result": "not_possible"})
    assert {"photos", "serial_numbers"} <= await asked(), "nobody was met"
    await task(outcome={"result": "done"})
    assert "photos" not in await asked() and "serial_numbers" in await asked(), "the number is another thing's"
    await task(state="open")
    assert (await write(manager, task_id, "serial", TITLE)).status_code == 200
    await task(state="done")
    assert await asked() & {"photos", "serial_numbers", "purchase_invoice"} == {"purchase_invoice"}
    other = UUID((await offer(owner, application_id, title=OTHER)).json()["object_id"])
    assert "photos" in await asked(), "of another piece nobody has any"
    await change(api, other, state="lapsed")
    assert "photos" not in await asked()
