"""Naming a seller to be paid (P14) through the API: only against one's own list, only before signing, and undone."""

from typing import Any
from uuid import UUID, uuid4

from tests.api.test_signing import offered

SELLER = {"name": "盛源粮油批发有限公司", "account_number": "6222021001112223331", "bank": "工商银行"}


def listed(database: Any, application_id: UUID) -> str:
    """A list of invoices that the owner uploaded and that was read."""
    file_id, firm = uuid4(), uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    database.execute(
        f"insert into firm (id, person_id, kind, name_sealed, created_at) "
        f"values ('{firm}', {person}, 'self_employed', '', now())",
        f"insert into statement_file (id, application_id, person_id, firm_id, holds, name_sealed, size, sha256, "
        f"object_key, state, received_at) values ('{file_id}', '{application_id}', {person}, '{firm}', 'invoices', "
        f"'', 1, '{file_id.hex}', '{file_id.hex}', 'read', now())",
    )
    return str(file_id)


async def test_p14_a_seller_is_named_against_ones_own_list_shown_masked_and_dropped_again(
    api: Any, begun: Any, database: Any
) -> None:
    owner, application_id = begun
    await offered(api, database, application_id)
    path = f"/v1/applications/{application_id}/payee"
    named = await owner.post(path, {**SELLER, "file_id": listed(database, application_id)})
    assert named.status_code in (200, 202), named.text
    seen = await owner.get(f"/v1/applications/{application_id}/release")
    assert "6222021001112223331" not in seen.text
    payee = seen.json()["payee"]
    assert (payee["name"], payee["state"]) == (SELLER["name"], "asked")
    dropped = await owner.client.delete(path, headers={"Idempotency-Key": f"k-{uuid4()}"})
    assert dropped.status_code == 204
    again = (await owner.get(f"/v1/applications/{application_id}/release")).json()["payee"]
    assert again is None or again["state"] == "dropped"


async def test_p14_no_seller_against_a_list_of_somebody_else_nor_once_it_is_signed(
    api: Any, begun: Any, database: Any, at_stage: Any
) -> None:
    owner, application_id = begun
    await offered(api, database, application_id)
    path = f"/v1/applications/{application_id}/payee"
    foreign = await owner.post(path, {**SELLER, "file_id": str(uuid4())})
    assert foreign.status_code == 422
    assert [one["pointer"] for one in foreign.json()["errors"]] == ["#/file_id"]
    stranger = await api.owner()
    mine = listed(database, application_id)
    assert (await stranger.post(path, {**SELLER, "file_id": mine})).status_code == 404
    at_stage(application_id, "paying")
    late = await owner.post(path, {**SELLER, "file_id": mine})
    assert late.status_code == 409
