"""One proof of identity through every door, and no large amount within a day of a changed factor."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from api import proving
from api.caller import Caller, Principal
from db import clocks, people, proofs
from lending.assertions import PROVES, Assertion, Level, Method
from lending.identity import VALID_FOR
from tests.api.test_commands import IDENTITY
from tests.api.test_drafts import Erp, save
from tests.api.test_releasing import asks_for_proof, proven, rich
from tests.api.test_signing import coded

__all__ = ["rich"]


async def person_of(api: Any, phone: str) -> UUID:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await people.know_by_phone(session, api.tools.vault, phone, locale="zh_CN", now=api.tools.wall_now())


async def prove(api: Any, person_id: UUID, *, device: str, place: str) -> None:
    """As the activity writes it: papers and face of who the person says they are."""
    async with api.tools.sessions.begin(scope="worker") as session:
        now = await clocks.now(session, api.settings.clock_id)
        account, firm = await proofs.newest_of(session, person_id)
        about = await proofs.about(session, api.tools.vault, person_id, account_id=account, firm_id=firm)
        for method in (Method.NETWORK, Method.LIVENESS):
            kind, check = PROVES[method], uuid4()
            await session.execute(
                text(
                    "insert into identity_check (id, person_id, kind, outcome, asked_at) "
                    "values (:id, :person, :kind, 'match', now())"
                ),
                {"id": check, "person": person_id, "kind": method.value},
            )
            given = Assertion(method, Level.LOW, about[kind], now, now + VALID_FOR[kind], device, place)
            await proofs.add(session, given, person_id=person_id, channel="web", check_id=check)


async def whence_of(api: Any, owner: Any, person_id: UUID) -> Any:
    """Device and place of a signed-in owner, as the command's row has them."""
    from api.caller import hash_token

    who = Principal("owner", person_id)
    seen = Caller(api.tools, who, "r", "zh_CN", "127.0.0.0/24", "-", "", "", token_hash=hash_token(owner.token))
    async with api.tools.sessions.begin(scope="worker") as session:
        return await proving.whence(session, seen)


def checks(draft: Any) -> list[str]:
    return [one["check"] for one in draft["proven"]]


async def test_the_assertion_is_seen_through_all_three_channels_while_valid_and_not_from_another_device(
    api: Any,
) -> None:
    owner, manager, erp = await api.owner(), await api.staff("manager"), Erp(api)
    person_id = await person_of(api, owner.name)
    begun = await save(owner, {"name": "陈小满"})
    assert checks(begun.json()) == []
    at = await whence_of(api, owner, person_id)
    await prove(api, person_id, device=at["device"], place=at["place"])
    both = ["network", "liveness"]
    assert checks((await owner.get("/v1/draft")).json()) == both
    assert checks((await manager.get(f"/v1/manager/drafts/{begun.json()['id']}")).json()) == both
    read = await erp.read(owner.name)
    assert read is not None and [one.check for one in read.proven] == both
    other = await api.owner(owner.name)  # the same person on another device
    assert checks((await other.get("/v1/draft")).json()) == []


async def test_who_says_who_they_are_leaves_device_and_place_and_a_second_account_is_a_changed_factor(
    api: Any, begun: Any, at_stage: Any
) -> None:
    owner, application_id = begun
    person_id = await person_of(api, owner.name)
    at_stage(application_id, "identity")
    assert (await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        newest = "select detail from command where name = 'identify' order by created_at desc"
        found = await session.scalar(text(newest))
        assert await proofs.last_change(session, person_id) is None, "the first account is no change"
    assert found == {**await whence_of(api, owner, person_id), "presence": "face"}
    at_stage(application_id, "identity")
    other = IDENTITY | {"account_number": "6217001234567890122"}
    assert (await owner.post(f"/v1/applications/{application_id}/identity", other)).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await proofs.last_change(session, person_id) is not None


async def test_authn_6_for_24_hours_after_a_change_of_factor_the_high_tier_is_refused_and_then_it_is_not(
    api: Any, rich: Any, database: Any
) -> None:
    owner, application_id, hash_ = rich
    person_id = await person_of(api, owner.name)
    async with api.tools.sessions.begin(scope="worker") as session:
        now = await clocks.now(session, api.settings.clock_id)
        await proofs.note_change(session, cause=uuid4(), person_id=person_id, factor="account", at=now)
    code = await coded(api, owner, application_id, database)
    await asks_for_proof(owner, f"/v1/applications/{application_id}")
    proven(database, application_id)
    body = {"code": code, "terms_hash": hash_}
    refused = await owner.post(f"/v1/applications/{application_id}/signature", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "factor_just_changed")
    database.execute(
        f"update factor_change set changed_at = changed_at - interval '{timedelta(hours=24)}' "
        f"where person_id = '{person_id}'"
    )
    signed = await owner.post(f"/v1/applications/{application_id}/signature", body)
    assert signed.status_code == 200, signed.text
