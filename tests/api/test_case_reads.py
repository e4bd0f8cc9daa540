"""What a view of a case costs the database, and what it says of its security before anybody signs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event

from tests.api.test_collateral import applicant, change, held_by, offer
from tests.api.test_duty_package import valued

GONE = '{"why": "rule", "words": "", "kept_until": "x"}'
DONE = '{"result": "done", "way": "on_site", "words": ""}'
__all__ = ["applicant"]


# Whose statements are counted: what a poller or another process of the test sends meanwhile is not the page's.
MINE: ContextVar[list[str] | None] = ContextVar("mine", default=None)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent for what is awaited here, whoever sends it."""

    def heard(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if (sent := MINE.get()) is not None:
            sent.append(f"{' '.join(statement.split())} {values}")

    event.listen(Engine, "before_cursor_execute", heard)
    sent: list[str] = []
    token = MINE.set(sent)
    try:
        yield sent
    finally:
        MINE.reset(token)
        event.remove(Engine, "before_cursor_execute", heard)


@pytest.fixture
async def big(api: Any, applicant: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """A secured case of ¥2 million before its signature: a workshop that two valued, another piece under way, a visit,
    bills' months, papers, messages, a report, two who looked: (officer, application, workshop)."""
    owner, application_id = applicant
    officer = await api.staff("officer")
    review = uuid4()
    why = '{"reasons": [{"code": "above_automatic_limit", "params": {"limit_minor": "10000000"}}]}'
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{review}', 'review', id, person_id, 'officer', 'open', '{why}', now(), now() + interval '1 day' "
        f"from application where id = '{application_id}'",
        "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, confidence, "
        f"features, ratios, policy_version, decided_by, decided_at) select '{uuid4()}', id, person_id, 1, 'review', "
        "'[]', 200000000, 0.0312, 'B', 0.81, '{}', '{}', 'v', 'model', now() "
        f"from application where id = '{application_id}'",
        "insert into task (id, kind, application_id, person_id, role, state, params, outcome, created_at, due_at, "
        f"finished_at) select '{uuid4()}', 'visit', id, person_id, 'manager', 'done', '{GONE}', '{DONE}', now(), "
        f"now() + interval '1 day', now() from application where id = '{application_id}'",
        f"update application set stage = 'review' where id = '{application_id}'",
    )
    workshop = UUID((await offer(owner, application_id)).json()["object_id"])
    press = UUID(
        (await offer(owner, application_id, kind="ip", label="一种夹具", title="ZL202110123456.7")).json()["object_id"]
    )
    for piece in (workshop, press):
        await change(api, piece, state="valuing", desktop_minor=400_000_000, due_at=None)
    await held_by(api, workshop, officer)
    await valued(api, officer, workshop)
    await change(api, workshop, state="valued", value_minor=390_000_000, valued_on=date(2026, 11, 20))
    for text in ("货款下周一要付。", "收到，谢谢。"):
        sent = await owner.post(f"/v1/applications/{application_id}/thread", {"text": text})
        assert sent.status_code == 200, sent.text
    view = {"verdict": "approve", "amount": {"amount": "1900000.00"}, "reason": "订单稳，设备是新的"}
    assert (await officer.post(f"/v1/manager/tasks/{review}/own-view", view)).status_code == 200
    kept = await officer.post(f"/v1/manager/customers/{application_id}/report", {"words": {}})
    assert kept.status_code == 200, kept.text
    return officer, application_id, workshop


def secures(said: Any, piece: UUID) -> dict[str, Any]:
    return next(one for one in said.json()["security"] if one["id"] == str(piece))


async def test_p18_owner_manager_and_desk_read_the_same_of_a_piece_before_and_after_its_registration(
    api: Any, big: Any, applicant: Any, pages: Any
) -> None:
    officer, application_id, workshop = big
    owner, _ = applicant
    what = ("loan_to_value", "rank", "before_registration")

    async def told() -> list[tuple[Any, ...]]:
        desk = secures(await officer.get(f"/v1/desk/cases/{application_id}"), workshop)
        of_owner = (await owner.get(f"/v1/applications/{application_id}/collateral")).json()["pieces"]
        own = next(one for one in of_owner if one["id"] == str(workshop))
        manager = (await officer.get(f"/v1/manager/collateral/{workshop}")).json()
        return [tuple(one[name] for name in what) for one in (desk, own, manager)]

    assert await told() == [("0.8206", None, True)] * 3, "nobody searched yet: no first rank for anybody"
    at = datetime.now(UTC) - timedelta(hours=2)
    await change(api, workshop, prior_minor=39_000_000, earlier=1, searched_at=at)
    assert await told() == [("0.9206", 2, True)] * 3
    page = (await pages(owner).get(f"/collateral/{application_id}")).text
    assert "92.1%" in page and ("登记前" in page or "before registration" in page), (
        "the owner sees that it is provisional"
    )
    await change(
        api, workshop, state="registered", ours_minor=195_000_000, registration_no="苏押 2026-77", registered_at=at
    )
    assert await told() == [("0.6", 2, False)] * 3
    await change(api, workshop, state="lapsed", due_at=None)
    assert await told() == [(None, None, False)] * 3, "what is over secures nothing, whoever asks"


async def test_a_case_names_its_pieces_by_name_and_last_digits(api: Any, big: Any, pages: Any) -> None:
    officer, application_id, _ = big
    names = [one["name"] for one in (await officer.get(f"/v1/desk/cases/{application_id}")).json()["security"]]
    assert any("一种夹具" in name and "4567" in name for name in names), names
    page = (await pages(officer).get(f"/desk/cases/{application_id}")).text
    assert "一种夹具 (ending 4567)" in page or "一种夹具（尾号 4567）" in page


async def test_p18_a_case_tells_loan_to_value_and_rank_before_anybody_signs_and_after_registration_the_registers(
    api: Any, big: Any, pages: Any
) -> None:
    officer, application_id, workshop = big
    where = f"/v1/desk/cases/{application_id}"
    one = secures(await officer.get(where), workshop)
    # ¥3.2 million asked on ¥3.9 million.
    assert (one["loan_to_value"], one["rank"], one["before_registration"]) == ("0.8206", None, True)
    at = datetime.now(UTC) - timedelta(hours=2)
    await change(api, workshop, prior_minor=39_000_000, earlier=1, searched_at=at)
    one = secures(await officer.get(where), workshop)
    assert (one["loan_to_value"], one["rank"], one["prior"]["amount"]) == ("0.9206", 2, "390000.00")
    page = (await pages(officer).get(f"/desk/cases/{application_id}")).text
    assert "loan to value 92.1%" in page and "rank 2" in page and "before registration" in page
    other = [one for one in (await officer.get(where)).json()["security"] if one["id"] != str(workshop)]
    assert [(one["valued"], one["loan_to_value"]) for one in other] == [(False, None)], "a model's figure is no value"
    await change(
        api, workshop, state="registered", ours_minor=195_000_000, registration_no="苏押 2026-77", registered_at=at
    )
    one = secures(await officer.get(where), workshop)
    assert (one["loan_to_value"], one["rank"], one["before_registration"]) == ("0.6", 2, False)
    await change(api, workshop, state="lapsed", due_at=None)
    assert secures(await officer.get(where), workshop)["loan_to_value"] is None, "what is over secures nothing"


# A view of a case took 144 statements before its parts shared what they read; what one more part costs is argued here:
# whose report waits for another person's word is one more since reports are asked which piece they are of.
MOST = 43


async def test_a_view_of_a_secured_case_reads_what_belongs_together_once(api: Any, big: Any, pages: Any) -> None:
    officer, application_id, _ = big
    room = pages(officer)
    assert (await room.get(f"/desk/cases/{application_id}")).status_code == 200
    with statements() as sent:
        page = await room.get(f"/desk/cases/{application_id}")
    assert page.status_code == 200 and "before registration" in page.text
    many = [(n, one) for one, n in Counter(sent).items() if n > 1]
    assert not many, "nothing is asked twice"
    assert 5 < len(sent) <= MOST, "\n".join(sent)
    for wanted in ("set_config", "access_record"):
        assert any(wanted in one for one in sent), "row-level security and the record of looks stand as ever"
