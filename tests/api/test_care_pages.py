"""The same acts over the pages: proposing and approving with the digits in the form, closing an alarm and a warning."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from pyotp.totp import TOTP
from sqlalchemy import text

from db import alarms, scoring_models
from db import warnings as signs
from db.warnings import Live

NOW = datetime.now(UTC)


async def test_a_model_goes_from_proposal_to_role_over_the_pages(api: Any, pages: Any, database: Any) -> None:
    name = f"flows-{uuid4().hex[:8]}"
    async with api.tools.sessions.begin(scope="worker") as session:
        await scoring_models.register(
            session, model_id=name, object_key=f"models/{name}", sha256="0" * 64, card={"metrics": {}}, at=NOW
        )
        await alarms.raise_alarm(
            session, kind="model_refused", object_kind="model", object_id=name, detail={"why": "missing"}, at=NOW
        )
    first, second = await api.staff("officer"), await api.staff("officer")
    database.execute(f"update session set created_at = '{(NOW - timedelta(hours=1)).isoformat()}'")
    one, other = pages(first), pages(second)
    seen = await one.get("/desk/models")
    assert seen.status_code == 200 and f"The file of {name} is gone" in seen.text
    form = {"key": uuid4().hex, "role": "shadow", "reason": "to watch it beside"}
    stale = await one.post(f"/desk/models/{name}/moves", data=form)
    assert stale.status_code == 422 and "six digits" in stale.text.lower()
    form |= {"key": uuid4().hex, "totp": TOTP(first.secret).at(int(time.time()) + 30)}
    assert (await one.post(f"/desk/models/{name}/moves", data=form)).status_code == 303
    mine = await one.get(f"/desk/models/{name}")
    assert "a colleague must approve it" in mine.text
    found = await second.get(f"/v1/desk/models/{name}")
    answer = {
        "key": uuid4().hex,
        "move": found.json()["moves"][0]["id"],
        "say": "approve",
        "reason": "read the card",
        "totp": TOTP(second.secret).at(int(time.time()) + 30),
    }
    assert (await other.post(f"/desk/models/{name}/answer", data=answer)).status_code == 303
    assert (await second.get(f"/v1/desk/models/{name}")).json()["line"]["role"] == "shadow"
    async with api.tools.sessions.begin(scope="worker") as session:
        if await scoring_models.champion(session) is None:
            await scoring_models.register(
                session, model_id=f"c-{name}", object_key="c", sha256="0" * 64, card={}, at=NOW, role="champion"
            )
    compared = (await one.get("/desk/models")).text
    assert "Beside the champion" in compared and "No loan is over yet" in compared
    (alarm,) = [a for a in (await second.get("/v1/desk/alarms")).json()["items"] if a["object_id"] == name]
    empty = await other.post(f"/desk/alarms/{alarm['id']}", data={"key": uuid4().hex, "outcome": ""})
    assert empty.status_code == 422
    closed = await other.post(f"/desk/alarms/{alarm['id']}", data={"key": uuid4().hex, "outcome": "file restored"})
    assert closed.status_code == 303
    assert "file restored" in (await other.get("/desk/models")).text
    assert (await other.get("/desk/treatment")).status_code == 200


async def test_a_warning_is_called_and_closed_over_the_pages(api: Any, pages: Any, begun: Any, database: Any) -> None:
    _, application_id = begun
    database.execute("alter table early_warning drop constraint if exists fk_early_warning_loan_id")
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(text("select person_id from application where id = :id"), {"id": application_id})
        figures = {"days": 9, "last_on": "2027-02-20"}
        live = Live(uuid4(), application_id, person, date(2027, 1, 1))
        await signs.warn(session, live, cause="no_sales", figures=figures, on=NOW.date(), at=NOW, due_at=NOW)
        codes = {"codes": "dishonest_list,register_revoked"}
        await signs.warn(session, live, cause="register", figures=codes, on=NOW.date(), at=NOW, due_at=NOW)
    manager = await api.staff("manager")
    page = pages(manager)
    inbox = await page.get("/manager")
    assert inbox.status_code == 200 and "No takings for 9 days" in inbox.text
    assert "on the list of defaulted judgment debtors, licence revoked" in inbox.text
    (card,) = [one for one in (await manager.get("/v1/manager/warnings")).json()["items"] if one["cause"] == "no_sales"]
    where = f"/manager/warnings/{card['id']}"
    assert (await page.get(where)).status_code == 200
    assert (await page.post(where, data={"key": uuid4().hex, "outcome": "explained", "words": ""})).status_code == 422
    done = await page.post(where, data={"key": uuid4().hex, "outcome": "explained", "words": "closed for the holidays"})
    assert done.status_code == 303
    assert "closed for the holidays" in (await page.get(where)).text
