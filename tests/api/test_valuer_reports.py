"""B4: a valuer's report is of its piece by its own text, or by the word of another person than whoever brought it."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageOps
from sqlalchemy import select

from activities.valuing import OF_THE_REPORT
from api.staff import gates
from db import collateral, valuer_reports
from db.tables import Collateral, Command, Payout, ValuerReport
from infra import cleaning
from lending.calendars import Jurisdiction, business_date
from lending.refusals_at_desk import ReportNotTaken
from lending.report_doubts import words_of
from ops.demo.reports import of_a_piece, report_of
from tests.api.test_collateral import applicant, change
from tests.api.test_offline import around, found_on_the_map, manned, send
from tests.api.test_on_the_spot import TITLE, looked_at, stands
from tests.fronts import saved
from tests.yards import yard

__all__ = ["applicant", "around", "looked_at", "manned"]
YUAN = 3_900_000


async def brings(who: Any, piece: UUID, report: bytes, valuer: str = "zhongqihua") -> Any:
    today = business_date(datetime.now(UTC), Jurisdiction.CN)
    said = {"valuer": valuer, "value": f"{YUAN}.00", "reference": f"R-{uuid4()}", "valued_on": today.isoformat()}
    answer = await who.client.post(
        f"/v1/manager/collateral/{piece}/appraisals",
        params=said, files={"file": ("report.pdf", report)}, headers={"Idempotency-Key": f"k-{uuid4()}"},
    )  # fmt: skip
    assert answer.status_code in (200, 202), answer.text
    return answer


def known_words(text: str) -> str | None:
    return sha256(words_of(text).encode()).hexdigest() if text else None


async def left_open(api: Any, piece: UUID) -> list[str]:
    async with api.tools.sessions.begin(scope="staff") as session:
        newest = select(ValuerReport).where(ValuerReport.collateral_id == piece).order_by(ValuerReport.at.desc())
        return list((await session.scalars(newest.limit(1))).one().doubts)


async def counted(api: Any, piece: UUID, tapped: Any) -> UUID:
    """The value, as the activity keeps it that hears the command."""
    async with api.tools.sessions.begin(scope="worker") as session:
        told = (await session.get_one(Command, UUID(tapped.json()["command_id"]))).detail or {}
        row, value = await session.get_one(Collateral, piece), uuid4()
        await collateral.appraise(
            session, row, id=value, n=1, value_minor=YUAN * 100, valuer=told["valuer"], reference=told["reference"],
            valued_on=datetime.now(UTC).date(), by="staff", at=datetime.now(UTC),
            **{name: told[name] for name in OF_THE_REPORT},
        )  # fmt: skip
    return value


async def test_b4_a_report_that_names_its_piece_and_the_figure_counts_by_itself_and_one_of_another_piece_does_not(
    api: Any, looked_at: Any
) -> None:
    _, manager, _, piece, _ = looked_at
    await brings(manager, piece, of_a_piece(TITLE, YUAN, str(uuid4())))
    assert await left_open(api, piece) == []
    await brings(manager, piece, of_a_piece("苏(2019)昆山不动产权第0099999号", YUAN, str(uuid4())))
    assert await left_open(api, piece) == ["unnamed"]
    await brings(manager, piece, of_a_piece(TITLE, YUAN + 1, str(uuid4())))
    assert await left_open(api, piece) == ["no_figure"]
    await brings(manager, piece, report_of("page 1"))
    assert await left_open(api, piece) == ["unread"], "a picture of a page"


async def test_b4_a_photo_of_the_visit_is_no_report_whichever_way_it_is_turned(api: Any, looked_at: Any) -> None:
    _, manager, _, piece, task_id = looked_at
    await found_on_the_map(api, task_id)
    picture = yard(301)
    assert (await send(manager, task_id, saved(picture))).status_code == 200
    await brings(manager, piece, saved(ImageOps.mirror(picture)))
    assert await left_open(api, piece) == ["unread", "like_photo"]
    await brings(manager, piece, saved(yard(302)))
    assert await left_open(api, piece) == ["unread"]


async def test_b4_another_pieces_report_saved_anew_or_with_other_numbers_is_found_under_any_number(
    api: Any, looked_at: Any
) -> None:
    _, manager, _, piece, _ = looked_at
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.get_one(Collateral, piece)
        other = {one.name: getattr(row, one.name) for one in Collateral.__table__.columns}
        other |= {"id": uuid4(), "title_key": uuid4().bytes, "near_keys": None, "task_id": None, "state": "refused"}
        session.add(Collateral(**other))
        await session.flush()
        for report in (saved(yard(303)), of_a_piece("苏(2019)昆山不动产权第0099999号", 1_200_000, "one prose")):
            drawn = await cleaning.cleaned(report, known=True)
            await valuer_reports.keep(
                session, sha256=uuid4().hex, collateral_id=other["id"], person_id=row.person_id, doubts=[],
                looks=drawn.looks, views=[one for one in (drawn.points, *drawn.views) if one],
                words_sha256=known_words(drawn.text), by="staff", at=datetime.now(UTC),
            )  # fmt: skip
    await brings(manager, piece, saved(yard(303).rotate(90, expand=True), 60))
    assert await left_open(api, piece) == ["unread", "like_report"]
    await brings(manager, piece, of_a_piece(TITLE, YUAN, "one prose"))
    assert await left_open(api, piece) == ["like_report"], "the number and the figure were put in"


async def test_b4_a_scan_stops_a_yes_and_the_money_until_another_person_who_opened_it_says_that_it_is_this_pieces(
    api: Any, looked_at: Any, pages: Any
) -> None:
    _, manager, application_id, piece, _ = looked_at
    value = await counted(api, piece, await brings(manager, piece, saved(Image.new("RGB", (600, 800), "beige"))))
    await change(api, piece, task_id=None, state="valued", value_minor=YUAN * 100, valued_on=datetime.now(UTC).date())
    duty = await stands(api, application_id)
    assert duty.standing.value == "gap" and any(one.startswith("report:") for one in duty.lacks)

    async def no() -> Any:
        async with api.tools.sessions.begin(scope="worker") as session:
            return await gates.in_the_way(session, Payout(application_id=application_id))

    assert isinstance(await no(), ReportNotTaken)
    path, said = f"/v1/manager/collateral/appraisals/{value}", {"reason": "对过第 3 页的证号和外观照片"}
    assert (await manager.post(f"{path}/word", said)).json()["code"] == "another_takes_it", "who brought it"
    lead = await api.staff("lead")
    assert (await lead.post(f"{path}/word", said)).json()["code"] == "picture_not_opened"
    page = (await pages(lead).get(f"/manager/collateral/{piece}")).text
    assert "photo or a scan without text" in page and "Take it, with why" in page and "no yes and no money" in page
    assert (await lead.get(f"{path}/report")).status_code == 200
    assert [one["code"] for one in (await lead.post(f"{path}/word", {"reason": "好"})).json()["errors"]]
    (seen,) = [one for one in (await lead.post(f"{path}/word", said)).json()["appraisals"] if one["id"] == str(value)]
    assert (seen["taken"], seen["may_take"]) == (said["reason"], False) and seen["taken_by"]
    assert await no() is None and (await stands(api, application_id)).standing.value != "gap"
    assert (await lead.post(f"{path}/word", said)).json()["code"] == "report_stands"
    assert said["reason"] in (await pages(manager).get(f"/manager/collateral/{piece}")).text


async def test_b4_words_that_nobody_sees_in_a_report_say_nothing_of_it() -> None:
    """White, invisible, tiny, or under a picture: whoever looks at the page reads something else."""
    seen = report_of("Valuation report of machine VMC-850-0417.", "Value 4200000.00 yuan.")
    assert "VMC-850-0417" in cleaning.clean(seen, known=True).text
    for trick in (b"3 Tr /F1 12 Tf", b"1 1 1 rg /F1 12 Tf", b"/F1 0.5 Tf"):
        hidden = seen.replace(b"/F1 12 Tf", trick)
        assert cleaning.clean(hidden, known=True).text == "", trick
