"""X2: what comes next is what this case has before it, with who acts; no hour is counted down to that cannot hold."""

from typing import Any
from uuid import UUID

import pytest

from tests.api.test_credit_desk import condition
from tests.api.test_release_gates import piece
from tests.api.test_releasing import awaited, paying
from tests.api.test_signing import offered

HIGH = 25_000_000
COUNTDOWN = "countdown-left"


@pytest.fixture
async def signed(api: Any, begun: Any, database: Any, payouts: Any) -> tuple[Any, UUID, UUID]:
    """Signed, to leave in two hours: (owner, application, payout)."""
    owner, application_id = begun
    hash_ = await offered(api, database, application_id, HIGH)
    database.execute(f"update application set amount_minor = {HIGH} where id = '{application_id}'")
    return owner, application_id, await paying(api, database, application_id, hash_, payouts, tier="high", hours=2)


async def story(owner: Any, application_id: UUID) -> Any:
    return (await owner.get(f"/v1/applications/{application_id}/timeline")).json()


async def test_x2_the_steps_of_a_secured_case_stand_ahead_with_who_acts_and_their_usual_time(
    api: Any, begun: Any, database: Any, at_stage: Any, pages: Any
) -> None:
    owner, application_id = begun
    database.execute(
        "update application set product_id = 'collateral_backed', amount_minor = 320000000"
        f" where id = '{application_id}'"
    )
    at_stage(application_id, "deciding")
    told = (await story(owner, application_id))["next"]
    assert [(one["what"], one["who"]) for one in told] == [
        ("visit", "manager"),
        ("valuation", "valuer"),
        ("committee", "committee"),
        ("offered", "owner"),
        ("signing", "owner"),
        ("registration", "register"),
        ("release", "second_person"),
        ("paying", "bank"),
        ("funded", told[-1]["who"]),
    ]
    usual = {one["what"]: one["usual_days"] for one in told}
    assert (usual["visit"], usual["valuation"], usual["committee"], usual["registration"]) == (7, 7, 3, 10)
    assert usual["offered"] is None
    page = (await pages(owner).get("/progress")).text
    for words in ("评估抵押、质押物", "评估公司", "贷审会表决", "一般 10 天内"):
        assert words in page, words
    mei = await api.staff("manager")
    theirs = (await mei.get(f"/v1/manager/customers/{application_id}/timeline")).json()["next"]
    assert theirs == told, "the manager reads the same"
    assert "The committee votes" in (await pages(mei).get(f"/manager/customers/{application_id}")).text


async def test_x2_a_small_case_has_none_of_them_ahead(begun: Any, at_stage: Any) -> None:
    owner, application_id = begun
    at_stage(application_id, "deciding")
    told = (await story(owner, application_id))["next"]
    assert [one["what"] for one in told] == ["offered", "signing", "paying", "funded"]


async def test_x2_no_countdown_while_a_condition_is_open_but_whose_it_is_and_until_when(
    api: Any, signed: Any, database: Any, pages: Any
) -> None:
    owner, application_id, _ = signed
    payout = (await story(owner, application_id))["payout"]
    assert (payout["waits_for"], payout["waits_on"]) == ("hour", "system")
    room = pages(owner)
    assert COUNTDOWN in (await room.get("/progress")).text, "nothing is open: the hour holds"
    asked = condition(database, application_id, "insured")
    seen = await story(owner, application_id)
    assert (seen["payout"]["waits_for"], seen["payout"]["waits_on"]) == ("conditions", "owner")
    assert seen["payout"]["waits_until"] > seen["payout"]["pay_at"]
    page = (await room.get("/progress")).text
    assert COUNTDOWN not in page and "放款定在" not in page
    assert "放款前还有条件要落实" in page
    database.execute(f"update loan_condition set owner = 'desk' where id = '{asked}'")
    assert (await story(owner, application_id))["payout"]["waits_on"] == "manager"
    assert "不用您办" in (await room.get("/progress")).text


async def test_x2_no_countdown_while_a_register_or_a_second_person_is_awaited(
    api: Any, signed: Any, database: Any, pages: Any
) -> None:
    owner, application_id, payout_id = signed
    awaited(database, payout_id, await api.staff("officer"))
    workshop = await piece(api, application_id)
    seen = await story(owner, application_id)
    assert (seen["payout"]["waits_for"], seen["payout"]["waits_on"]) == ("registration", "register")
    assert [one["what"] for one in seen["next"]] == ["release", "paying", "funded"]
    page = (await pages(owner).get("/progress")).text
    assert COUNTDOWN not in page and "在办抵押、质押登记" in page and "等登记机构" in page
    database.execute(
        "update collateral set state = 'registered', registration_no = 'N1', registered_at = now(),"
        f" searched_at = now() where id = '{workshop}'"
    )
    seen = await story(owner, application_id)
    assert (seen["payout"]["waits_for"], seen["payout"]["waits_on"]) == ("second_person", "second_person")
    page = (await pages(owner).get("/progress")).text
    assert COUNTDOWN not in page and "第二位同事在复核放款" in page
