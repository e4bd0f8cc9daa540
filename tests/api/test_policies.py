"""AZ-1, AZ-4, AZ-5: who may use what; a route that nobody decided about stops the boot."""

import csv
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from api import policy
from api.app import check, create_app
from api.routes import Router

MATRIX = Path(__file__).parent / "matrix.csv"
SEATS = ("accountant", "representative")
ROLES = ("anonymous", "owner", *SEATS, "manager", "officer", "operations", "auditor")


def test_az_1_a_route_without_a_policy_stops_the_boot(settings_for: Any) -> None:
    def pages(app: FastAPI) -> None:
        @app.get("/forgotten")
        def forgotten() -> str:
            return "nobody decided who may read this"

    with pytest.raises(policy.RouteWithoutPolicy, match="/forgotten"):
        create_app(settings_for(), pages=pages)


def test_az_1_a_mount_without_a_policy_stops_the_boot_too(settings_for: Any, tmp_path: Path) -> None:
    from starlette.staticfiles import StaticFiles

    with pytest.raises(policy.RouteWithoutPolicy, match="/files"):
        create_app(settings_for(), pages=lambda app: app.mount("/files", StaticFiles(directory=tmp_path)))


def test_az_1_a_router_does_not_take_a_route_without_one() -> None:
    with pytest.raises(TypeError, match="policy"):
        Router().get("/x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_az_1_an_included_router_is_walked_too(settings_for: Any) -> None:
    from fastapi import APIRouter

    inner, outer = APIRouter(), APIRouter()

    @inner.get("/deep")
    def deep() -> str:
        return ""

    outer.include_router(inner, prefix="/a")
    with pytest.raises(policy.RouteWithoutPolicy, match="/a/deep"):
        create_app(settings_for(), pages=lambda app: app.include_router(outer, prefix="/b"))


def expected() -> dict[tuple[str, str], dict[str, str]]:
    with MATRIX.open(newline="") as file:
        return {(row["method"], row["path"]): row for row in csv.DictReader(file)}


def test_az_5_the_matrix_lists_every_route(settings_for: Any) -> None:
    doors = {(method, door.path) for door in check(create_app(settings_for())) for method in door.methods}
    assert doors == set(expected()), "tests/api/matrix.csv must list exactly the routes that exist"


def test_az_5_the_matrix_is_what_the_policies_say(settings_for: Any) -> None:
    from policies.book import load

    granted = load().roles
    rows = expected()
    for door in check(create_app(settings_for())):
        for method in door.methods:
            for role in ROLES[1:]:
                open_to = door.policy.permission is None or door.policy.permission in granted[role]
                assert (rows[method, door.path][role] == "in") == open_to, (method, door.path, role)


@pytest.fixture
async def seated(api: Any, begun: Any, at_stage: Any) -> dict[str, Any]:
    """Somebody in each seat of a firm, by its role."""
    owner, application_id = begun
    at_stage(application_id, "identity")
    told = await owner.post(f"/v1/applications/{application_id}/identity", AGENTS)
    assert told.status_code < 300, told.text
    (firm,) = (await owner.get("/v1/seats")).json()["items"]
    found: dict[str, Any] = {}
    for role in SEATS:
        phone = api.new_phone()
        await owner.post(f"/v1/firms/{firm['id']}/seats", {"role": role, "phone": phone})
        found[role] = await api.owner(phone)
        (seat,) = (await found[role].get("/v1/my-seats")).json()["items"]
        assert (await found[role].post(f"/v1/my-seats/{seat['id']}/enter")).status_code == 200
    return found


async def test_az_5_each_role_gets_exactly_what_the_matrix_says(api: Any, fresh_key: Any, seated: Any) -> None:
    """in: let in (whatever is said of the missing object); 401, 404: kept out."""
    people = {"anonymous": api.client(), "owner": (await api.owner()).client}
    people |= {role: seated[role].client for role in SEATS}
    people |= {role: (await api.staff(role)).client for role in ROLES[2 + len(SEATS) :]}
    wrong: list[str] = []
    for (method, path), row in expected().items():
        if row["anonymous"] == "in" or path.endswith(("/events", "/my-seats/entered")):
            continue  # whoever left is at home again: see test_seats
        for role in ROLES:
            where = path
            for name in ("application_id", "offer_id", "document_id", "loan_id", "task_id", "command_id", "consent_id"):
                where = where.replace(f"{{{name}}}", str(uuid4()))
            where = where.replace("{session_id}", "0" * 16)
            body = None if method in ("GET", "DELETE") else b"{}"
            answer = await people[role].request(
                method, where, content=body, headers={"Content-Type": "application/json", **fresh_key()}
            )
            seen = "401" if answer.status_code == 401 else "in"
            if answer.status_code == 404 and answer.json()["code"] == "not_found":
                # The object is missing for those who may look, the route itself for those who may not.
                seen = "404" if row[role] != "in" else "in"
            if seen != row[role]:
                wrong.append(f"{method} {path} as {role}: {answer.status_code}, expected {row[role]}")
    assert not wrong, "\n".join(wrong)


async def test_a_role_that_may_not_cannot_tell_that_the_route_exists(api: Any) -> None:
    owner = await api.owner()
    hidden, missing = await owner.get("/v1/desk/book"), await owner.get("/v1/desk/nothing-here")
    strip = lambda answer: {**answer.json(), "instance": ""}  # noqa: E731
    assert (hidden.status_code, strip(hidden)) == (missing.status_code, strip(missing))


async def test_az_4_objects_of_others_are_404_for_reads_and_acts(
    api: Any, begun: Any, fresh_key: Any, wanted: Any
) -> None:
    _, application_id = begun
    stranger = await api.owner()
    reads = (
        "",
        "/identity",
        "/consents",
        "/evidence",
        "/decision",
        "/offers",
        "/key-facts",
        "/timeline",
        "/events",
        "/papers",
    )
    for what in reads:
        answer = await stranger.get(f"/v1/applications/{application_id}{what}")
        missing = await stranger.get(f"/v1/applications/{uuid4()}{what}")
        assert answer.status_code == missing.status_code == 404, what
        assert {**answer.json(), "instance": ""} == {**missing.json(), "instance": ""}
    acts: dict[str, Any] = {
        "/identity": IDENTITY,
        "/submit": {},
        "/review": None,
        "/withdraw": None,
        f"/offers/{uuid4()}/accept": None,
        "/signing-code": None,
        "/signature": {"code": "123456", "terms_hash": "0" * 64},
        "/payout/cancel": None,
    }
    for what, body in acts.items():
        answer = await stranger.post(f"/v1/applications/{application_id}{what}", body)
        assert answer.status_code == 404, (what, answer.text)
    consents = (await begun[0].get(f"/v1/applications/{application_id}/consents")).json()["items"]
    given = {"consents": [{"purpose": one["purpose"], "text_hash": one["text_hash"]} for one in consents[:1]]}
    assert (await stranger.post(f"/v1/applications/{application_id}/consents", given)).status_code == 404
    upload = await stranger.client.post(
        f"/v1/applications/{application_id}/statements", files={"file": ("a.csv", b"x")}, headers=fresh_key()
    )
    assert upload.status_code == 404


IDENTITY = {
    "kind": "self_employed",
    "name": "王小明",
    "id_number": "11010519491231002X",
    "account_number": "622202123456789",
}
# A company whose applicant is an agent: the one kind of firm in which every seat can be taken.
AGENTS = IDENTITY | {
    "kind": "company",
    "capacity": "agent",
    "firm_name": "长沙精工零件有限公司",
    "licence": "91350211M000100Y46",
    "account_number": "1203001209000123456",
}


async def test_az_2_row_level_security_is_the_second_wall(api: Any, begun: Any) -> None:
    from sqlalchemy import text

    _, application_id = begun
    stranger = await api.owner()
    other = (await stranger.get("/v1/profile")).status_code
    assert other == 200
    for person in (uuid4(), None):
        async with api.tools.sessions.begin(person=person) as session:
            seen = await session.scalar(text("select count(*) from application"))
        assert seen == 0
    async with api.tools.sessions.begin(scope="staff") as session:
        assert (
            await session.scalar(text("select count(*) from application where id = :id"), {"id": application_id}) == 1
        )


async def test_the_application_role_cannot_touch_what_is_written(api: Any, begun: Any) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    for statement in (
        "update audit set actor = 'nobody'",
        "delete from audit",
        "update timeline_event set kind = 'x'",
        "delete from posting",
        "alter table audit disable trigger all",
        "drop table audit",
    ):
        with pytest.raises(DBAPIError):
            async with api.tools.sessions.begin(scope="worker") as session:
                await session.execute(text(statement))
