"""A new LPR or rule at the desk: what it changes and touches first, two people, and every page by its day (P4)."""

import asyncio
import csv
import io
import re
import shutil
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from db import clocks
from lending.calendars import Jurisdiction, business_date
from lending.floating import is_publication_day
from ops.cli import main
from ops.policy_reach import difference
from policies.book import ROOT, load

PRODUCT = "revenue_linked_working_capital"
WISH = {
    "amount": {"amount": "80000.00"},
    "months": 12,
    "share": "0.12",
    "monthly_revenue": {"amount": "120000.00"},
}


@pytest.fixture(autouse=True)
async def untouched(api: Any, database: Any) -> AsyncIterator[None]:
    """Each test begins with what the installation has."""
    yield
    database.execute("delete from policy_release")


async def today(api: Any) -> date:
    async with api.tools.sessions.begin() as session:
        return business_date(await clocks.now(session, api.settings.clock_id), Jurisdiction.CN)


async def next_publication(api: Any) -> date:
    """The next day on which an LPR is published."""
    day, calendar = await today(api) + timedelta(days=1), load().calendars["CN"]
    while not is_publication_day(day, calendar):
        day += timedelta(days=1)
    return day


async def published(officer: Any, on: date, value: str = "0.029", index: str = "LPR1Y") -> Any:
    said = {"index": index, "on": on.isoformat(), "value": value, "reason": "同业拆借中心公告"}
    return await officer.post("/v1/desk/policy/publications", said)


async def answered(officer: Any, release: Any, *, yes: bool = True, shown_hash: str | None = None) -> Any:
    said = {"release": yes, "reason": "核对过公告原文", "shown_hash": shown_hash or release["shown_hash"]}
    return await officer.post(f"/v1/desk/policy/releases/{release['line']['id']}/answer", said)


async def lowest_rate(api: Any) -> str:
    return (await api.client().get("/v1/product")).json()["annual_rate"]


async def becomes(api: Any, wanted: str) -> None:
    """The public card says so within seconds; an hour is what was promised."""
    for _ in range(200):
        if await lowest_rate(api) == wanted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{await lowest_rate(api)}, not {wanted}")


async def fetched(api: Any, query: str) -> list[Any]:
    async with api.tools.sessions.begin(scope="worker") as session:
        return [tuple(row) for row in await session.execute(sql(query))]


def a_live_loan(database: Any, a_payout: Any, terms: str = "{}") -> UUID:
    """A loan of the product that has run since January, with terms as they were signed."""
    payout = a_payout("credited")
    database.execute(
        f"update loan set state = 'live', live_on = '2026-01-15', product_id = '{PRODUCT}', terms = '{terms}' "
        f"where id = (select loan_id from payout where id = '{payout}')"
    )
    return payout


async def until(client: Any, page: str, said: str) -> str:
    """The page as soon as it says so, or as it stands after a quarter of a minute."""
    for _ in range(30):
        text = str((await client.get(page)).text)
        if said in text:
            break
        await asyncio.sleep(0.5)
    return text


async def test_a_new_lpr_reaches_card_and_calculator_on_its_day_without_a_restart(api: Any, pages: Any) -> None:
    first, second, desk = await api.staff("officer"), await api.staff("officer"), await api.staff("operations")
    on = await next_publication(api)
    release = (await published(first, on)).json()
    paths = {row["path"]: (row["before"], row["after"]) for row in release["rows"]}
    assert paths["indices.LPR1Y"] == ("0.03", "0.029")
    assert paths[f"underwriting.{PRODUCT}.grades.A.annual_rate"] == ("0.073", "0.072")
    assert (await answered(second, release)).status_code == 200
    await asyncio.sleep(6)  # every process has looked: its day has not come
    assert await lowest_rate(api) == "0.073"
    before = (await api.client().post("/v1/simulations", json=WISH)).json()

    moved = await desk.post("/v1/desk/clock", {"days": (on - await today(api)).days})
    assert moved.status_code == 200, moved.text
    await becomes(api, "0.072")
    after = (await api.client().post("/v1/simulations", json=WISH)).json()
    assert (before["annual_rate"], after["annual_rate"]) == ("0.073", "0.072")
    owner = await api.owner()
    for page in ("/product", "/terms"):
        # The process of the pages looks for itself, some seconds after the other.
        text = await until(pages(owner), page, "7.2%")
        assert "7.2%" in text and "7.3%" not in text, page
    in_force = (await second.get("/v1/desk/policy")).json()
    assert {"index": "LPR1Y", "value": "0.029"} in in_force["indices"]


async def test_a_released_rule_reaches_help_and_new_decisions_and_a_file_of_another_kind_waits(api: Any) -> None:
    first, second = await api.staff("officer"), await api.staff("officer")
    on = await today(api)
    text = (ROOT / "underwriting.yaml").read_text(encoding="utf-8")
    text = text.replace('version: "2026.3"', 'version: "2026.9"').replace("2026-01-01", on.isoformat())
    text = text.replace("months_of_history: 3", "months_of_history: 4")
    wish = {"room": "underwriting", "text": text, "reason": "历史太短的坏账多"}
    release = (await first.post("/v1/desk/policy/proposals", wish)).json()
    assert [row["path"] for row in release["rows"]] == [f"underwriting.{PRODUCT}.months_of_history"]
    assert (await answered(second, release)).status_code == 200
    for _ in range(200):
        card = (await api.client().get("/v1/product")).json()
        if card["history_months"] == 4:
            break
        await asyncio.sleep(0.1)
    assert card["history_months"] == 4
    other = await first.post("/v1/desk/policy/proposals", {**wish, "room": "roles"})
    assert other.status_code == 422


async def test_released_figures_of_help_stand_on_its_owners_page_within_moments(api: Any, pages: Any) -> None:
    first, second, owner = await api.staff("officer"), await api.staff("officer"), await api.owner()
    assert "15 分钟内" in (await pages(owner).get("/help")).text
    text = (ROOT / "help.yaml").read_text(encoding="utf-8").replace("call_within: PT15M", "call_within: PT25M")
    text = text.replace('version: "2026.2"', 'version: "2026.9"').replace("2026-01-01", (await today(api)).isoformat())
    wish = {"room": "help", "text": text, "reason": "晚上接线的人少"}
    release = (await first.post("/v1/desk/policy/proposals", wish)).json()
    assert (await answered(second, release)).status_code == 200
    for _ in range(200):
        page = (await pages(owner).get("/help")).text
        told = " ".join(one["answer"] for one in (await owner.get("/v1/help")).json()["items"])
        if "25 分钟内" in page and "25 分钟内" in told:  # each process looks by itself
            break
        await asyncio.sleep(0.1)
    assert "25 分钟内" in page and "15 分钟内" not in page
    assert "25 分钟内" in told and "15 分钟内" not in told


async def test_nobody_releases_their_own_and_the_database_says_so_too(api: Any, database: Any) -> None:
    first = await api.staff("officer")
    release = (await published(first, await next_publication(api))).json()
    no = await answered(first, release)
    assert (no.status_code, no.json()["code"]) == (409, "needs_two_people")
    with pytest.raises(IntegrityError):
        async with api.tools.sessions.begin(scope="staff") as session:
            await session.execute(sql("update policy_release set state = 'released', decided_by = proposed_by"))
    back = await answered(first, release, yes=False)
    assert back.json()["line"]["state"] == "withdrawn"
    assert (await answered(first, release, yes=False)).json()["code"] == "release_closed"


async def test_what_is_released_is_what_was_shown(api: Any) -> None:
    first, second = await api.staff("officer"), await api.staff("officer")
    on = await next_publication(api)
    release = (await published(first, on)).json()
    no = await answered(second, release, shown_hash="0" * 64)
    assert (no.status_code, no.json()["code"]) == (409, "release_moved")
    twin = await published(second, on, "0.028")
    assert (twin.status_code, twin.json()["code"]) == (409, "release_open")
    # Meanwhile another file moves the rows that this one was shown with: it would change something else by now.
    text = (
        (ROOT / "underwriting.yaml").read_text(encoding="utf-8").replace("2026-01-01", (await today(api)).isoformat())
    )
    text = text.replace("points: 430", "points: 440")
    wish = {"room": "underwriting", "text": text, "reason": "资金成本上升"}
    other = (await second.post("/v1/desk/policy/proposals", wish)).json()
    assert (await answered(first, other)).status_code == 200
    assert (await second.get(f"/v1/desk/policy/releases/{release['line']['id']}")).json()["moved"]
    no = await answered(second, release)
    assert (no.status_code, no.json()["code"]) == (409, "release_moved")


@pytest.mark.parametrize(
    ("value", "days", "field"),
    [("0.29", 0, "value"), ("0.002", 0, "value"), ("0.029", 1, "on"), ("0.029", 36_500, "on"), ("0", 0, "value")],
)
async def test_a_slip_of_the_hand_is_told_by_its_field(api: Any, value: str, days: int, field: str) -> None:
    officer = await api.staff("officer")
    answer = await published(officer, await next_publication(api) + timedelta(days=days), value)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"#/{field}"]


async def test_no_rule_counts_from_a_day_that_is_over_or_a_year_that_is_far(api: Any) -> None:
    officer, on = await api.staff("officer"), await today(api)
    text = (ROOT / "underwriting.yaml").read_text(encoding="utf-8").replace("points: 430", "points: 440")
    for day in (on - timedelta(days=1), date(2099, 1, 1)):
        wish = {"room": "underwriting", "text": text.replace("2026-01-01", day.isoformat()), "reason": "资金成本上升"}
        answer = await officer.post("/v1/desk/policy/proposals", wish)
        assert (answer.status_code, answer.json()["code"]) == (422, "policy_not_usable")
        assert answer.json()["params"]["place"] == "effective_from"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("points: 1160", "points: 2990", "grades"),
        ("pd_up_to", "pd_upto", "grades.0.pd_up_to"),
        ("version: ", "version: [", ""),
    ],
)
async def test_what_the_law_or_the_form_forbids_is_never_proposed(api: Any, old: str, new: str, key: str) -> None:
    officer = await api.staff("officer")
    text = (ROOT / "underwriting.yaml").read_text(encoding="utf-8")
    text = text.replace("2026-01-01", (await today(api)).isoformat()).replace(old, new)
    answer = await officer.post(
        "/v1/desk/policy/proposals", {"room": "underwriting", "text": text, "reason": "试试看行不行"}
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["params"]["place"] == key


async def test_the_diff_lists_live_loans_by_their_own_clause_before_it_is_released(
    api: Any, database: Any, a_payout: Any
) -> None:
    first, auditor = await api.staff("officer"), await api.staff("auditor")
    a_live_loan(database, a_payout)
    a_live_loan(database, a_payout, '{"index": "LPR1Y", "points": 150, "reprices_every_months": 3}')
    a_live_loan(database, a_payout, '{"index": "LPR5Y", "points": 150, "reprices_every_months": 12}')
    on = await next_publication(api)
    release = (await published(first, on)).json()
    assert (release["reach"]["loans"], release["reach"]["floating"]) == (3, 1)
    loans = [one for one in release["touched"] if one["kind"] == "loan"]
    assert [one["effect"] for one in loans] == ["resets", "keeps", "keeps"]
    assert (loans[0]["rate_after"], loans[0]["on"][-2:]) == ("0.044", "15")
    assert date.fromisoformat(loans[0]["on"]) > on
    file = await auditor.get(f"/v1/desk/policy/releases/{release['line']['id']}/touched")
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len([line for line in lines[1:] if line[0] == lines[1][0]]) == 3
    database.execute(f"update loan set state = 'closed' where product_id = '{PRODUCT}'")


async def test_a_signed_loan_keeps_its_rate_after_the_release(api: Any, database: Any, a_payout: Any) -> None:
    first, second = await api.staff("officer"), await api.staff("officer")
    a_live_loan(database, a_payout)
    kept = "select annual_rate, rate_units, terms, terms_hash from loan order by id"
    before = await fetched(api, kept)
    release = (await published(first, await next_publication(api))).json()
    assert (await answered(second, release)).status_code == 200
    assert await fetched(api, kept) == before
    database.execute(f"update loan set state = 'closed' where product_id = '{PRODUCT}'")


async def test_the_command_compares_a_folder_or_a_rate_with_what_is_in_force(
    api: Any, database: Any, a_payout: Any, tmp_path: Path
) -> None:
    a_live_loan(database, a_payout)
    on = await next_publication(api)
    found = await difference(api.settings, rate=("LPR1Y", on, Decimal("0.029")))
    assert {row.path for row in found.rows} >= {"indices.LPR1Y", f"underwriting.{PRODUCT}.grades.A.annual_rate"}
    assert [(one.kind, one.effect) for one in found.touched if one.kind == "loan"] == [("loan", "keeps")]
    copied = Path(shutil.copytree(ROOT, tmp_path / "policies"))
    assert not (await difference(api.settings, root=copied)).rows
    law = copied / "limits.yaml"
    law.write_text(law.read_text(encoding="utf-8").replace("reasons_max: 4", "reasons_max: 3"), encoding="utf-8")
    assert [row.path for row in (await difference(api.settings, root=copied)).rows] == ["reasons_max"]
    database.execute(f"update loan set state = 'closed' where product_id = '{PRODUCT}'")


def test_the_command_says_in_one_line_what_it_needs() -> None:
    runner = CliRunner()
    for wrong in (["--index", "LPR1Y"], [], ["--index", "LPR1Y", "--value", "2.9", "--published", "2026-12-21"]):
        told = runner.invoke(main, ["policy", "diff", *wrong])
        assert told.exit_code != 0
        assert len(told.output.strip().splitlines()) == 1


async def test_the_page_shows_rows_and_reach_and_a_button_to_the_other_person_only(api: Any, pages: Any) -> None:
    first, second = pages(await api.staff("officer")), pages(await api.staff("officer"))
    on = await next_publication(api)
    sent = {"key": "k-policy-01", "index": "LPR5Y", "value": "3.4", "on": on.isoformat(), "reason": "同业拆借中心公告"}
    wrong = await first.post("/desk/policy/publications", data={**sent, "value": "34"})
    assert wrong.status_code == 422 and 'id="e-value"' in wrong.text
    made = await first.post("/desk/policy/publications", data=sent)
    assert made.status_code == 303
    where = made.headers["location"]
    theirs, own = (await second.get(where)).text, (await first.get(where)).text
    assert 'value="release"' in theirs and "indices.LPR5Y" in theirs
    assert 'value="release"' not in own
    [shown] = re.findall(r'name="shown" value="([0-9a-f]{64})"', theirs)
    said = {"key": "k-policy-02", "say": "release", "shown": shown, "reason": "核对过公告原文"}
    assert (await second.post(f"{where}/answer", data=said)).status_code == 303
    assert 'name="text"' in (await first.get("/desk/policy/propose")).text
    bad = await first.post("/desk/policy/proposals", data={"key": "k-policy-03", "room": "help", "text": "topics: ["})
    assert bad.status_code == 422 and "topics: [" in bad.text
    listed = (await second.get("/desk/policy")).text
    assert where in listed and "Released" in listed
    assert (await second.get(f"{where}/touched")).headers["content-disposition"].startswith("attachment")
