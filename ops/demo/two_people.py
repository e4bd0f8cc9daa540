"""双人调查: two managers look into one case, and each puts a name under the same report."""

from typing import Any

from ops.demo.town import Owner, Town, yuan


async def both_sign_the_report(town: Town, owner: Owner, task_id: str, amount: int) -> Any:
    """双人调查: one leads and names the other, each says a view, both sign the same report, and it goes up."""
    lead, second = await town.staff("manager"), await town.staff("manager2")
    here = f"/v1/manager/customers/{owner.application_id}"
    view = {"verdict": "approve", "amount": yuan(amount), "reason": "流水撑得住，抵押物评估足额"}
    await owner.papers_are_looked_at()
    await lead.post(f"/v1/manager/tasks/{task_id}/own-view", view)
    colleague = next(one for one in (await lead.get("/v1/manager/colleagues"))["items"] if one["name"] == "赵岩")
    await lead.post(f"{here}/investigation", {"second_id": colleague["id"]})
    own = {"verdict": "approve", "amount": yuan(amount), "reason": "我单独核过设备发票和三个月流水，与所报一致，可以做"}
    await second.post(f"/v1/manager/tasks/{task_id}/own-view", own)  # a signature alone is no second person
    report = await lead.post(f"{here}/report", {"words": {"outside": "车间和设备都在用，和材料一致"}})
    for who in (lead, second):
        seen = await who.post(f"{here}/investigation/sign", {"sha256": report["sha256"]})
    await lead.post(f"/v1/manager/tasks/{task_id}/up", {"words": "金额超出我的权限，建议上会"})
    return seen
