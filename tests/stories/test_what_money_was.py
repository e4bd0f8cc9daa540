"""What an owner says of their money is what is decided on: bills and invoices in, the split corrected, asked again."""

from typing import Any

import pytest

from ops.demo.town import Owner, Town

INVOICES = "客户,发票号码,开票日期,金额,税额,价税合计"


def invoices(months: list[str], series: str = "2531") -> bytes:
    """A list of one's own: two invoices a month to the same two buyers; a list that two bring is looked at."""
    rows = [
        f"{buyer},{series}{n:04}{side},{month[:7]}-{10 + side},1000.00,30.00,1030.00"
        for n, month in enumerate(months)
        for side, buyer in enumerate(("甲餐饮管理有限公司", "乙会务服务有限公司"))
    ]
    return "\n".join([INVOICES, *rows, ""]).encode("gb18030")


async def told(owner: Owner) -> dict[str, Any]:
    """The owner from the first tap to bills that are read."""
    await owner.begin(30_000, months=6)
    await owner.identify()
    await owner.consent()
    for wallet in ("wechat", "alipay"):
        await owner.upload(wallet)
    return await owner.see("evidence")


@pytest.mark.long
async def test_bills_and_invoices_are_split_corrected_and_decided_on(town: Town) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.85, seed=20_261_122)
    owner = await town.owner(firm)
    await owner.sign_in()
    evidence = await told(owner)
    listed = invoices([month["month"] for month in evidence["months"]][:6])
    await owner.allow("invoices_analysis")
    path = f"/v1/applications/{owner.application_id}/invoices?side=sale"
    await owner.done(await owner.caller.upload(path, "发票.csv", listed))
    evidence = await owner.see("evidence")
    assert len(evidence["invoices"]) == 6
    before = sum(float(month["sales"]["amount"]) for month in evidence["months"])

    stage = (await owner.submit())["stage"]
    first = await owner.see("decision")
    assert stage == "offered", [reason["text"] for reason in first["reasons"]]
    await owner.act("withdraw")

    await told(owner)
    business = next(use for use in (await owner.see("flows"))["uses"] if use["use"] == "business")
    for group in [group for group in business["groups"] if group["direction"] == "in" and not group["fixed"]]:
        said = {name: group[name] for name in ("target", "key", "direction")}
        await owner.act("flows/corrections", {**said, "use": "private"})
    corrected = await owner.see("evidence")
    assert sum(float(month["sales"]["amount"]) for month in corrected["months"]) < before / 10
    assert (await owner.submit())["stage"] in ("declined", "review")
    second = await owner.see("decision")
    assert float(second["limit"]["amount"]) < float(first["limit"]["amount"])
    assert second["reasons"] and all(reason["text"] for reason in second["reasons"])
