"""Issue 7: an owner brings a bill for days that no feed told; open days are recomputed, closed ones settled after."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.worker import Worker

from activities.private import Private
from activities.sales_files import SalesFiles
from activities.steps import Steps
from db.sessions import Sessions
from infra import temporal
from tests.api.test_plans import TODAY, Living, living
from tests.api.test_revenue_batches import post
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.sales_file import SalesFile

__all__ = ["living"]

AGO = 40
ACCOUNT = "6222029988776655"
HEAD = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"


def row(
    on: date,
    yuan: str,
    *,
    n: int = 1,
    kind: str = "二维码收款",
    way: str = "收入",
    who: str = "李**",
    what: str = "收款",
) -> str:
    number = f"1000{on:%Y%m%d}{n:08d}"
    return f"{on} 1{n % 10}:20:00,{kind},{who},{what},{way},¥{yuan},零钱,支付成功,{number},{number}9,/"


def bill(*rows: str) -> bytes:
    return "\n".join(["微信支付账单明细", HEAD, *rows]).encode("utf-8-sig")


@dataclass
class Running:
    """A loan that has lived for forty days, with the feeds' account and the real reader beside it."""

    api: Any
    owner: Any
    loan: Living
    key: Callable[[], dict[str, str]]

    @property
    def at(self) -> str:
        return f"/v1/loans/{self.loan.loan_id}/statements"

    async def send(self, data: bytes, name: str = "微信.csv") -> Any:
        return await self.owner.client.post(self.at, files={"file": (name, data)}, headers=self.key())

    async def bring(self, data: bytes, name: str = "微信.csv") -> dict[str, Any]:
        """A bill as it stands once it was read or refused."""
        answer = await self.send(data, name)
        assert answer.status_code in (200, 202), answer.text
        for _ in range(120):
            found = next(one for one in await self.files() if one["id"] == answer.json()["object_id"])
            if found["state"] != "received":
                return found
            await asyncio.sleep(0.25)
        raise AssertionError("it was not read within half a minute")

    async def files(self) -> list[dict[str, Any]]:
        return (await self.owner.get(self.at)).json()["items"]

    async def say_yes(self, file_id: str) -> Any:
        return await self.owner.post(f"{self.at}/{file_id}/confirmation", None)

    async def count(self, *rows: str) -> dict[str, Any]:
        answer = await self.say_yes((await self.bring(bill(*rows)))["id"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def feed(self, on: date, sales: int, *, source: str = "wallet") -> None:
        told = {"account": ACCOUNT, "on": on.isoformat(), "sales_minor": sales, "refunds_minor": 0,
                "chargebacks_minor": 0, "currency": "CNY"}  # fmt: skip
        assert (await post(self.api, told, source=source)).json()["refused"] == 0

    async def days(self) -> dict[date, int]:
        """What stands for each day, over all sources, net."""
        async with self.api.tools.sessions.begin(scope="worker") as session:
            found = await session.execute(
                text(
                    "select on_date, sum(sales_minor - refunds_minor - chargebacks_minor)::bigint from revenue_day"
                    " where loan_id = :id group by 1"
                ),
                {"id": self.loan.loan_id},
            )
            return {on: net for on, net in found}  # noqa: C416


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def became(file: dict[str, Any]) -> dict[str, str]:
    return {one["on"]: one["became"] for one in file["days"]}


@pytest.fixture
async def running(api: Any, living: Living, database: Any, fresh_key: Any) -> AsyncIterator[Running]:
    index = api.tools.vault.blind_index("bank_account.number", ACCOUNT).hex()
    database.execute(
        f"update loan set live_on = live_on - {AGO}, account_index = '\\x{index}' where id = '{living.loan_id}'",
        f"update loan_balance set as_of = as_of - {AGO} where loan_id = '{living.loan_id}'",
        "alter table entry disable trigger user",  # the one way to a loan that has lived for a while
        f"update entry set effective_on = effective_on - {AGO} where loan_id = '{living.loan_id}'",
        "alter table entry enable trigger user",
    )
    living.closed_to -= timedelta(days=AGO)
    client = await temporal.connect(api.settings)
    sessions, tools = Sessions(api.settings, scope="worker"), api.tools
    steps = Steps(sessions, api.settings.clock_id)
    rooms = SalesFiles(
        steps, Private(tools.vault), tools.vault, tools.storage, None, limit_bytes=5_000_000, jurisdiction="CN"
    )
    async with Worker(
        client,
        task_queue=api.settings.temporal_task_queue,
        workflows=[SalesFile],
        activities=[rooms.read_sales, rooms.give_up_sales],
        interceptors=[OurActivities()],
        workflow_runner=sandbox.runner(),
    ):
        yield Running(api, living.owner, living, fresh_key)
    await sessions.close()


async def test_ten_days_that_the_wallet_missed_are_brought_the_open_ones_count_and_the_closed_ones_are_adjusted(
    running: Running,
) -> None:
    for n in range(AGO - 1, 14, -1):
        await running.feed(back(n), 100_000)
    await running.loan.closes(back(9), sales_minor=0)
    before = await running.loan.debited()
    rows = [row(back(n), "2000.00") for n in range(14, 4, -1)]
    read = await running.bring(bill(*rows, row(back(14), "150.00", n=2, kind="转账红包", who="妈妈")))
    assert read["state"] == "read"
    assert read["net"] == {"amount": "20000.00", "currency": "CNY"}
    assert [(one["why"], one["lines"]) for one in read["left_out"]] == [("private", 1)]
    assert set(became(read).values()) == {"adjusts", "counts"}
    assert back(10) not in await running.days(), "nothing counts before its owner says so"
    counted = (await running.say_yes(read["id"])).json()
    assert counted["state"] == "counted"
    assert sum(one["became"] == "adjusts" for one in counted["days"]) == 6
    assert (await running.days())[back(14)] == 200_000
    await running.loan.closes(back(5), sales_minor=0)
    after = await running.loan.debited()
    new = {on: amount for on, (amount, _) in after.items() if on not in before}
    assert new == {
        back(8): 7 * 24_000,  # its own day, and six closed ones in one adjustment
        back(7): 24_000, back(6): 24_000, back(5): 24_000,
    }  # fmt: skip
    assert {on: after[on] for on in before} == before, "no close is opened again"
    await running.loan.balances_are_what_they_are_made_of()


async def test_the_same_bill_a_longer_one_and_two_yeses_at_once_never_count_a_line_twice(running: Running) -> None:
    first = await running.bring(bill(row(back(5), "10.00"), row(back(4), "20.00")))
    again = await running.bring(bill(row(back(5), "10.00"), row(back(4), "20.00")))
    assert again["id"] == first["id"]
    answers = await asyncio.gather(*(running.say_yes(first["id"]) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    longer = await running.count(row(back(5), "10.00"), row(back(5), "7.00", n=2), row(back(3), "5.00"))
    assert became(longer) == {str(back(5)): "counts", str(back(3)): "counts"}
    assert await running.days() == {back(5): 1_700, back(4): 2_000, back(3): 500}
    assert set(
        became(await running.count(row(back(5), "10.00"), row(back(4), "20.00"), row(back(3), "5.00"))).values()
    ) == {"known"}


async def test_two_overlapping_bills_that_are_confirmed_at_once_count_their_common_days_once(running: Running) -> None:
    one = await running.bring(bill(row(back(5), "10.00"), row(back(4), "20.00")))
    two = await running.bring(bill(row(back(4), "20.00"), row(back(3), "5.00")))
    answers = await asyncio.gather(*(running.say_yes(file["id"]) for file in (one, two)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await running.days() == {back(5): 1_000, back(4): 2_000, back(3): 500}


async def test_a_bill_never_overrides_a_feed_and_what_contradicts_it_waits_for_a_person(running: Running) -> None:
    """The dodge: showing less than the wallet told, to repay less."""
    for n in (6, 5, 4):
        await running.feed(back(n), 100_000)
    said = await running.count(
        row(back(7), "10.00"), row(back(6), "1000.00"), row(back(5), "300.00"), row(back(4), "1500.00"),
        row(back(3), "10.00"),
    )  # fmt: skip
    assert list(became(said).values()) == ["counts", "told", "differs", "differs", "counts"]
    assert said["waits"] == 2
    assert (await running.days())[back(5)] == 100_000
    desk = await running.api.staff("operations")
    waiting = (await desk.get("/v1/desk/statements")).json()["items"]
    assert [one["id"] for one in waiting] == [said["id"]]
    at = f"/v1/desk/statements/{said['id']}/judgement"
    assert (await desk.post(at, {"act": "count", "words": "."})).status_code == 422
    promised = await desk.post(at, {"act": "leave", "words": "放心，下次给您做到年化4.35%"})
    assert promised.json()["code"] == "rate_in_words", "an owner reads what is written here"
    answer = await desk.post(at, {"act": "leave", "words": "问过微信：以推送的为准"})
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert (await desk.post(at, {"act": "count", "words": "改主意了要算进去"})).status_code == 409
    assert (await running.days())[back(5)] == 100_000
    assert next(one for one in await running.files() if one["id"] == said["id"])["decided"] == "leave"
    async with running.api.tools.sessions.begin(scope="worker") as session:
        looked = await session.execute(
            text("select distinct actor like 'system%' from access_record where what = 'sales_file'")
        )
    assert {row[0] for row in looked} == {True, False}, "the reader's look and the desk's are on record"


async def test_a_person_may_count_another_accounts_sales_beside_the_feed_but_not_change_the_feed(
    running: Running,
) -> None:
    await running.feed(back(5), 100_000)
    said = await running.count(row(back(6), "1.00"), row(back(5), "300.00"), row(back(4), "1.00"))
    desk = await running.api.staff("operations")
    judged = {"act": "count", "words": "第二个微信号，不在推送里"}
    assert (await desk.post(f"/v1/desk/statements/{said['id']}/judgement", judged)).status_code == 200
    assert await running.days() == {back(6): 100, back(5): 130_000, back(4): 100}
    await running.feed(back(5), 90_000)
    assert (await running.days())[back(5)] == 120_000, "the feed corrects its own word and no other"


async def test_a_fuller_bill_of_the_fed_account_fills_the_day_and_is_the_feeds_again_once_it_tells_it(
    running: Running,
) -> None:
    await running.feed(back(5), 30_000)
    said = await running.count(row(back(6), "1.00"), row(back(5), "1000.00"), row(back(4), "1.00"))
    desk = await running.api.staff("operations")
    (shown,) = (await desk.get("/v1/desk/statements")).json()["items"]
    assert {one["on"]: one["fed"] and one["fed"]["amount"] for one in shown["days"]} == {
        str(back(6)): None, str(back(5)): "300.00", str(back(4)): None,
    }, "who decides sees what the feed told"  # fmt: skip
    judged = {"act": "fill", "words": "推送漏了半天，账单齐全"}
    assert (await desk.post(f"/v1/desk/statements/{said['id']}/judgement", judged)).status_code == 200
    assert (await running.days())[back(5)] == 100_000, "filled up, not added"
    await running.feed(back(5), 98_000)
    assert (await running.days())[back(5)] == 98_000, "the feed tells the day now, and it counts once"


async def test_a_doubted_bill_that_a_person_found_to_be_the_fed_account_gives_way_to_the_feed(
    running: Running, database: Any
) -> None:
    bank = "交易日期,交易时间,摘要,对方户名,收入金额,支出金额,余额"
    rows = [f"{back(n)},10:20:00,货款,苏州批发部,{n * 10}.00,,{n * 100}.00" for n in range(9, 4, -1)]
    data = "\n".join(["招商银行交易流水 账号: 6226 0000 0000 4444", bank, *rows]).encode()
    said = await running.bring(data, "招行.csv")
    await running.say_yes(said["id"])
    desk = await running.api.staff("operations")
    judged = {"act": "fill", "words": "看过开户证明，就是收款账户"}
    assert (await desk.post(f"/v1/desk/statements/{said['id']}/judgement", judged)).status_code == 200
    assert (await running.days())[back(7)] == 7_000
    await running.feed(back(7), 7_100, source="rail")
    assert (await running.days())[back(7)] == 7_100


async def test_a_feed_that_tells_of_nothing_says_nothing_of_another_wallets_sales(running: Running) -> None:
    await running.count(row(back(5), "10.00"))
    await running.feed(back(5), 0, source="rail")
    await running.feed(back(4), 0, source="rail")
    assert became(await running.count(row(back(4), "20.00"))) == {str(back(4)): "counts"}
    assert {on: net for on, net in (await running.days()).items() if net} == {back(5): 1_000, back(4): 2_000}


PAGE = "日期,摘要,对方,收入,支出"


async def test_the_same_sales_in_another_form_of_the_bill_count_once(running: Running) -> None:
    """Without order numbers and times, as a printed page tells them."""
    sums = [(n, f"{n}{n}.50") for n in range(9, 2, -1)]
    await running.count(*(row(back(n), yuan, who="李记面馆", what="收款") for n, yuan in sums))
    before = await running.days()
    page = "\n".join(
        [PAGE, *(f"{back(n)},收款,李记面馆,{yuan},0.00" for n, yuan in sums), f"{back(2)},收款,李记面馆,8.00,0.00"]
    )
    said = await running.bring(page.encode(), "打印.csv")
    assert said["state"] == "read", said
    assert set(list(became(said).values())[:-1]) == {"known"}
    await running.say_yes(said["id"])
    assert {on: net for on, net in (await running.days()).items() if on != back(2)} == before


async def test_two_forms_of_one_bill_that_are_read_at_once_count_once(running: Running) -> None:
    sums = [(n, f"{n}{n}.50") for n in range(9, 2, -1)]
    page = "\n".join([PAGE, *(f"{back(n)},收款,李记面馆,{yuan},0.00" for n, yuan in sums)])
    one, two = await asyncio.gather(
        running.bring(bill(*(row(back(n), yuan, who="李记面馆") for n, yuan in sums))),
        running.bring(page.encode(), "打印.csv"),
    )
    for file in (one, two):
        await running.say_yes(file["id"])
    assert await running.days() == {back(n): int(yuan.replace(".", "")) for n, yuan in sums}


async def test_a_feed_that_comes_late_takes_the_place_of_the_bill_and_a_closed_day_is_settled_by_the_difference(
    running: Running,
) -> None:
    await running.count(row(back(12), "10.00"), row(back(11), "20.00"))
    await running.loan.closes(back(11), sales_minor=0)
    await running.feed(back(12), 1_500)
    await running.feed(back(11), 2_000, source="rail")
    assert await running.days() == {back(12): 1_500, back(11): 2_000}
    await running.feed(back(12), 1_500)
    assert (await running.days())[back(12)] == 1_500
    said = await running.count(row(back(12), "10.00"), row(back(12), "3.00", n=2), row(back(10), "1.00"))
    assert became(said)[str(back(12))] == "told", "less than the feed on the bill's first day contradicts nothing"


async def test_refunds_that_are_brought_later_lower_nothing_by_the_owners_word_alone(running: Running) -> None:
    await running.count(row(back(5), "100.00"))
    refund = row(back(5), "90.00", n=3, kind="商户退款", way="支出")
    said = await running.count(row(back(6), "50.00"), row(back(5), "100.00"), refund)
    assert became(said) == {str(back(6)): "counts", str(back(5)): "lowers"}
    assert (await running.days())[back(5)] == 10_000


async def test_refunds_and_chargebacks_of_a_day_are_told_apart_and_taken_off_its_sales(running: Running) -> None:
    said = await running.count(
        row(back(5), "100.00"),
        row(back(5), "20.00", n=2, kind="商户退款", way="支出"),
        row(back(5), "5.00", n=3, kind="商户退款", way="支出", what="持卡人拒付"),
    )
    (day,) = said["days"]
    assert [day[name]["amount"] for name in ("sales", "refunds", "chargebacks", "net")] == [
        "100.00", "20.00", "5.00", "75.00",
    ]  # fmt: skip
    assert await running.days() == {back(5): 7_500}


async def test_the_loans_own_payout_and_moves_between_own_accounts_are_no_sales(running: Running) -> None:
    payout = row(back(AGO), "80000.00", kind="转账收款", who="某某公司")
    own = row(back(5), "500.00", kind="零钱充值", who="招商银行")
    said = await running.bring(bill(payout, own, row(back(5), "1.00", n=2)))
    assert {one["why"] for one in said["left_out"]} == {"loan", "own_move"}
    assert said["net"]["amount"] == "1.00"


@pytest.mark.parametrize(
    ("data", "name", "problem"),
    [
        (b"not a bill at all\n", "a.csv", "not_a_bill"),
        (bill(row(back(AGO + 5), "10.00")), "a.csv", "no_sales_of_this_loan"),
        (bill(row(date(2099, 1, 1), "10.00")), "a.csv", "future_date"),
    ],
)
async def test_a_bad_file_gets_one_clear_line_and_nothing_counts(
    running: Running, data: bytes, name: str, problem: str
) -> None:
    said = await running.bring(data, name)
    assert (said["state"], said["problem"]) == ("refused", problem)
    assert said["problem_text"]
    assert "\n" not in said["problem_text"]
    assert (await running.say_yes(said["id"])).status_code == 409
    assert await running.days() == {}


async def test_a_bill_with_pasted_rows_or_of_a_strange_account_waits_whole(running: Running, database: Any) -> None:
    bank = "交易日期,交易时间,摘要,对方户名,收入金额,支出金额,余额"
    rows = [f"{back(n)},10:20:00,货款,苏州批发部,{n * 10}.00,,{n * 100}.00" for n in range(9, 4, -1)]
    data = "\n".join(["招商银行交易流水 账号: 6226 0000 0000 4444", bank, *rows]).encode()
    said = await running.bring(data, "招行.csv")
    assert (said["state"], said["doubt"]) == ("read", "other_account"), said
    assert set(became((await running.say_yes(said["id"])).json()).values()) == {"doubted"}
    assert await running.days() == {}
    desk = await running.api.staff("operations")
    judged = {"act": "count", "words": "看过开户证明，是店主的"}
    assert (await desk.post(f"/v1/desk/statements/{said['id']}/judgement", judged)).status_code == 200
    assert sum((await running.days()).values()) == 35_000


async def test_nobody_brings_a_bill_for_a_strangers_loan_and_none_for_one_that_shares_no_sales(
    api: Any, running: Running, database: Any
) -> None:
    stranger = await api.owner()
    answer = await stranger.client.post(
        running.at, files={"file": ("a.csv", bill(row(back(5), "1.00")))}, headers=running.key()
    )
    assert answer.status_code == 404
    assert (await stranger.get(running.at)).status_code == 404
    database.execute(f"update loan set state = 'closed', closed_on = current_date where id = '{running.loan.loan_id}'")
    answer = await running.send(bill(row(back(5), "1.00")))
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_share")


async def test_what_was_read_before_the_loan_ended_does_not_count_after(running: Running, database: Any) -> None:
    said = await running.bring(bill(row(back(5), "1.00")))
    database.execute(f"update loan set state = 'closed', closed_on = current_date where id = '{running.loan.loan_id}'")
    assert (await running.say_yes(said["id"])).json()["code"] == "nothing_to_share"
    assert await running.days() == {}
