"""Small words of the case page that were false: papers somebody has looked at, a mortgage that was called a pledge."""

from typing import Any
from uuid import UUID, uuid4

from tests.api.test_collateral import applicant, change, offer
from tests.api.test_offline import photo
from tests.api.test_words_out import case

__all__ = ["applicant", "case"]


async def brings(owner: Any, application_id: UUID, colour: str) -> None:
    done = await owner.client.post(
        f"/v1/applications/{application_id}/documents?item=trade_proof",
        files={"file": ("x.jpg", photo(colour=colour))},
        headers={"Idempotency-Key": uuid4().hex},
    )
    assert done.status_code == 200, done.text


async def test_papers_that_somebody_looked_at_since_are_not_counted_as_unseen(
    case: Any, api: Any, pages: Any, database: Any
) -> None:
    owner, application_id, task = case
    database.execute(f"delete from evidence_document where application_id = '{application_id}'")
    for colour in ("ivory", "beige"):
        await brings(owner, application_id, colour)
    database.execute(
        'update task set params = params || \'{"reasons": [{"code": "papers_to_look_at", "params": {"n": "2"}}]}\' '
        f"where id = '{task}'",
    )
    li = await api.staff("officer")
    room = pages(li)
    said = "Papers that nobody has looked at"
    assert f"{said}: 2" in (await room.get(f"/manager/tasks/{task}")).text
    judged = "state = 'accepted', judged_at = now(), judged_by = 'staff:x'"
    one = f"select min(id::text)::uuid from evidence_document where application_id = '{application_id}'"
    database.execute(f"update evidence_document set {judged} where id = ({one})")
    assert f"{said}: 1" in (await room.get(f"/manager/tasks/{task}")).text
    database.execute(f"update evidence_document set {judged} where application_id = '{application_id}'")
    for page in (f"/manager/tasks/{task}", f"/desk/cases/{application_id}", "/desk/cases"):
        text = (await room.get(page)).text
        assert said not in text, page


async def test_a_workshop_is_mortgaged_a_patent_is_pledged_and_one_that_lapsed_is_neither(
    applicant: Any, api: Any, pages: Any, database: Any
) -> None:
    owner, application_id = applicant
    database.execute(
        "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
        f"select '{uuid4()}', 'review', id, person_id, 'officer', 'open', '{{}}', "
        f"now(), now() + interval '1 day' from application where id = '{application_id}'"
    )
    room = pages(await api.staff("officer"))

    async def says() -> str:
        return (await room.get(f"/desk/cases/{application_id}")).text

    assert "To be secured, nothing yet" in await says()
    workshop = UUID((await offer(owner, application_id)).json()["object_id"])
    assert "Mortgaged" in await says()
    patent = UUID(
        (await offer(owner, application_id, kind="ip", label="一种夹具", title="ZL202110123456.7")).json()["object_id"]
    )
    assert "Mortgaged and pledged" in await says()
    await change(api, workshop, state="lapsed", due_at=None)
    text = await says()
    assert "Pledged" in text and "Mortgaged" not in text
    await change(api, patent, state="refused", due_at=None)
    assert "To be secured, nothing yet" in await says()
