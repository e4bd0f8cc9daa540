"""The bills that firms hand out, read back by a small reader of our own and compared with the firm's own account."""

import csv
import io
import itertools
from collections import Counter
from decimal import Decimal

import pytest

SPAN = "from=2026-05-01&to=2026-11-20"


def fen(text: str) -> int:
    return int(Decimal(text.strip().removeprefix("¥")) * 100)


def wechat_rows(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = data.decode("utf-8-sig").split("\r\n")
    begin = next(i for i, line in enumerate(lines) if line.startswith("----------------------微信支付账单明细列表"))
    rows = csv.DictReader(io.StringIO("\n".join(lines[begin + 1 :])))
    return lines[:begin], [{key: value.rstrip("\t") for key, value in row.items()} for row in rows]


def alipay_rows(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = data.decode("gb18030").split("\r\n")
    begin = next(i for i, line in enumerate(lines) if "电子客户回单" in line)
    rows = csv.DictReader(io.StringIO("\n".join(lines[begin + 1 :])))
    return lines[:begin], [{key.strip(): (value or "").strip() for key, value in row.items() if key} for row in rows]


@pytest.fixture
async def bills(http):
    """Both bills of a firm, read, and the firm's own account of the same days."""

    async def bills(firm_id: str, span: str = SPAN):
        wechat = (await http.get(f"/firms/{firm_id}/bills/wechat.csv?{span}")).content
        alipay = (await http.get(f"/firms/{firm_id}/bills/alipay.csv?{span}")).content
        days = (await http.get(f"/firms/{firm_id}/days?{span}")).json()
        return wechat, alipay, days

    return bills


async def test_a_companys_statement_is_its_whole_life_with_a_balance_that_follows(http):
    data = (await http.get(f"/firms/parts-works/bills/account.csv?{SPAN}")).content.decode("utf-8-sig")
    days = (await http.get(f"/firms/parts-works/days?{SPAN}")).json()
    lines = data.split("\r\n")
    begin = next(i for i, line in enumerate(lines) if line.startswith("交易日期,"))
    end = next(i for i, line in enumerate(lines) if line.startswith("借方合计"))
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[begin:end]))))
    sales = [fen(row["贷方发生额"]) for row in rows if row["摘要"] == "货款" and row["贷方发生额"]]
    assert (len(sales), sum(sales)) == tuple(days["kinds"]["sale"].values())
    moved = [fen(row["贷方发生额"] or "0") - fen(row["借方发生额"] or "0") for row in rows]
    balances = [fen(row["余额"]) for row in rows]
    assert [after - before for before, after in itertools.pairwise(balances)] == moved[1:]
    assert min(balances) > 0
    alone = (await http.get("/firms/parts-works/bills/account.csv?from=2026-11-01&to=2026-11-20")).content
    assert lines[end - 1] in alone.decode("utf-8-sig").split("\r\n"), "a line has one balance in every export"


def of_wechat(rows, *types: str) -> list[dict[str, str]]:
    return [row for row in rows if row["交易类型"] in types]


async def test_sales_and_refunds_read_from_both_bills_are_what_the_firm_has_sold(bills):
    wechat, alipay, days = await bills("florist")
    _, mine = wechat_rows(wechat)
    _, other = alipay_rows(alipay)
    sales = [fen(row["金额(元)"]) for row in of_wechat(mine, "二维码收款", "商户收款")]
    sales += [fen(row["金额"]) for row in other if row["交易分类"] == "收入"]
    refunds = [fen(row["金额(元)"]) for row in mine if row["交易类型"].endswith("-退款")]
    refunds += [fen(row["金额"]) for row in other if row["交易分类"] == "退款"]
    assert (len(sales), sum(sales)) == tuple(days["kinds"]["sale"].values())
    assert (len(refunds), sum(refunds)) == tuple(days["kinds"]["refund"].values())
    assert sum(sales) == sum(day["sales_minor"] for day in days["days"])
    assert sum(refunds) == sum(day["refunds_minor"] + day["chargebacks_minor"] for day in days["days"])


async def test_every_other_kind_is_in_the_bills_to_the_fen(bills):
    wechat, alipay, days = await bills("garage", "from=2025-10-01&to=2026-11-20")
    _, mine = wechat_rows(wechat)
    _, other = alipay_rows(alipay)
    told = [(row["商品"], fen(row["金额(元)"])) for row in mine if row["收/支"] == "支出"]
    told += [(row["商品说明"], fen(row["金额"])) for row in other if row["收/支"] == "支出"]
    for kind, word in (("purchase", "货款"), ("rent", "房租"), ("payroll", "工资")):
        amounts = [amount for text, amount in told if word in text]
        assert (len(amounts), sum(amounts)) == tuple(days["kinds"][kind].values()), kind
    own = [fen(row["金额(元)"]) for row in mine if row["收/支"] == "/"]
    own += [fen(row["金额"]) for row in other if row["收/支"] == "不计收支"]
    assert (len(own), sum(own)) == tuple(days["kinds"]["transfer_self"].values())
    assert len(mine) + len(other) == sum(kind["lines"] for kind in days["kinds"].values())


async def test_the_lines_before_the_table_count_what_follows(bills):
    wechat, alipay, _ = await bills("noodle-shop")
    for (head, rows), side, amount, neutral in (
        (wechat_rows(wechat), "收/支", "金额(元)", "中性交易"),
        (alipay_rows(alipay), "收/支", "金额", "不计收支"),
    ):
        text = "\n".join(head)
        assert f"共{len(rows)}笔记录" in text
        for label, its in (("收入", "收入"), ("支出", "支出"), (neutral, "/" if neutral == "中性交易" else neutral)):
            amounts = [fen(row[amount]) for row in rows if row[side] == its]
            assert f"{label}：{len(amounts)}笔 {Decimal(sum(amounts)) / 100:.2f}元" in text
        assert "[2026-05-01 00:00:00]" in text
        assert "[2026-11-20 23:59:59]" in text


async def test_the_layouts_are_the_wallets_own(bills):
    wechat, alipay, _ = await bills("noodle-shop")
    assert wechat.startswith(b"\xef\xbb\xbf")
    lines = wechat.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "微信支付账单明细,,,,,,,,,,"
    assert lines[16] == "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
    assert all("\t," in line for line in lines[17:-1])
    with pytest.raises(UnicodeDecodeError):
        alipay.decode("utf-8")
    lines = alipay.decode("gb18030").split("\r\n")
    assert lines[0] == "-" * 84
    assert lines[1] == "导出信息："
    assert [cell.strip() for cell in lines[24].split(",")] == [
        "交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式", "交易状态",
        "交易订单号", "商家订单号", "备注", "",
    ]  # fmt: skip
    assert all(line.count(",") == 12 for line in lines[25:-1])


async def test_rows_run_from_the_newest_to_the_oldest(bills):
    wechat, alipay, _ = await bills("hardware-store")
    for _, rows in (wechat_rows(wechat), alipay_rows(alipay)):
        times = [row["交易时间"] for row in rows]
        assert len(times) > 100
        assert all(newer >= older for newer, older in itertools.pairwise(times))


async def test_a_line_has_the_same_number_in_every_bill_and_no_other_line_has_it(bills):
    whole, half = await bills("florist"), await bills("florist", "from=2026-06-01&to=2026-07-15")
    for reader, place, column in ((wechat_rows, 0, "交易单号"), (alipay_rows, 1, "交易订单号")):
        _, all_rows = reader(whole[place])
        _, some_rows = reader(half[place])
        numbers = Counter(row[column] for row in all_rows)
        assert max(numbers.values()) == 1
        known = {row[column]: row for row in all_rows}
        assert some_rows
        for row in some_rows:
            assert {**known[row[column]], "当前状态": ""} == {**row, "当前状态": ""}


async def test_a_refunded_sale_says_so_and_its_refund_names_it(bills):
    wechat, alipay, _ = await bills("online-shop")
    _, mine = wechat_rows(wechat)
    _, other = alipay_rows(alipay)
    refunds = Counter((row["交易对方"], row["金额(元)"]) for row in mine if row["交易类型"] == "二维码收款-退款")
    marked = Counter(
        (row["交易对方"], row["金额(元)"] if row["当前状态"] == "已全额退款" else "¥" + row["当前状态"][5:-1])
        for row in mine
        if "退款" in row["当前状态"] and row["收/支"] == "收入"
    )
    assert marked == refunds
    assert marked.total() > 10
    sold = {row["交易订单号"] for row in other if row["交易分类"] == "收入"}
    backs = [row["交易订单号"].split("_")[0] for row in other if row["交易分类"] == "退款"]
    assert backs
    assert set(backs) <= sold


async def test_the_florists_bad_month_is_below_zero(http):
    firm = (await http.get("/firms/florist")).json()
    days = (await http.get("/firms/florist/days")).json()["days"]
    assert days[0]["on"] == firm["opened_on"]
    net = Counter()
    for day in days:
        net[day["on"][:7]] += day["sales_minor"] - day["refunds_minor"] - day["chargebacks_minor"]
    assert [month for month, amount in net.items() if amount < 0] != []
    assert sum(net.values()) > 0


async def test_a_newcomer_has_only_days_to_show(bills, http):
    firm = (await http.get("/firms/corner-shop")).json()
    wechat = (await http.get("/firms/corner-shop/bills/wechat.csv")).content
    _, rows = wechat_rows(wechat)
    assert 10 < len(rows) < 300
    assert min(row["交易时间"] for row in rows) >= firm["opened_on"]


async def test_days_that_this_world_does_not_know_are_refused(http):
    for span in ("from=2026-11-20&to=2026-11-01", "from=1999-01-01&to=1999-02-01", "from=tomorrow", "to=2099-01-01"):
        reply = await http.get(f"/firms/florist/bills/wechat.csv?{span}")
        assert (reply.status_code, reply.json()["code"]) == (422, "malformed"), span
    assert (await http.get("/firms/florist/bills/cash.csv")).status_code == 404
    assert (await http.get("/firms/nobody/bills/wechat.csv")).status_code == 404
