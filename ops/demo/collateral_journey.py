"""Journey 2: a maker of parts borrows against its workshop and a machine, and money waits for both registers."""

import io
import uuid
from typing import Any

from PIL import Image

from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Refused, Town, eventually, yuan

PRODUCT = "collateral_backed"
# Within what an officer may agree to against security (policies/authority.yaml), and one manager looks into
# (policies/workbench.yaml).
AMOUNT, MONTHS = 500_000, 24
WORKSHOP = {
    "kind": "real_estate", "label": "一号厂房", "place": "昆山市玉山镇工业园 8 号", "area_m2": 250, "use": "workshop",
}  # fmt: skip
MACHINE = {
    "kind": "equipment", "label": "五轴加工中心", "place": "昆山市玉山镇工业园 8 号", "bought": yuan(800_000),
}  # fmt: skip
# The desktop model has ¥1,000,000 for the workshop: a quarter more is no valuer to rely on alone.
FAR_OFF, SECOND = 1_250_000, 1_020_000
# Where a piece stands after a valuer's figure, by where it stood before.
THEN = {"valuing": ("valued", "second"), "second": ("valued",), "registered": ("registered",)}
FIRST_VALUER, OTHER_VALUER = "中企华资产评估", "天健兴业资产评估"


async def asks(owner: Owner, amount: int = AMOUNT, *, share: str = "0.2") -> Any:
    """From the first tap to the bills, for a loan against collateral."""
    await owner.sign_in()
    receipt = await owner.caller.post(
        "/v1/applications",
        {"amount": yuan(amount), "months": MONTHS, "share": share, "product_id": PRODUCT, "purpose": "equipment"},
    )
    owner.application_id = receipt["object_id"]
    await owner.done(receipt)
    await owner.identify()
    await owner.consent()
    for wallet in owner.firm.bills:
        await owner.upload(wallet)
    # 股东会决议和章程: who may borrow for the company.
    await owner.caller.upload(
        f"/v1/applications/{owner.application_id}/documents?item=resolution", "resolution.jpg", _photo("ivory")
    )
    return await owner.application()


async def offers(owner: Owner, piece: dict[str, Any], title: str, **other: Any) -> str:
    """One piece; its id."""
    receipt = await owner.caller.post(
        f"/v1/applications/{owner.application_id}/collateral", {**piece, "title": title, **other}
    )
    await owner.done(receipt)
    return receipt["object_id"]


async def security_of(owner: Owner) -> Any:
    """What secures the loan, and what it carries."""
    return await owner.see("collateral")


async def stands(owner: Owner, piece_id: str, *states: str) -> Any:
    """One piece, once it stands there."""

    async def there() -> Any:
        found = next(one for one in (await security_of(owner))["pieces"] if one["id"] == piece_id)
        return found if found["state"] in states else None

    return await eventually(there)


async def brings_home(manager: Any, task_id: str, kind: str) -> None:
    """Whoever was sent captures what the kind of task asks for, and says that it is done."""
    path = f"/v1/manager/offline/{task_id}"
    if kind == "visit":
        await _file(manager, path, "recording", b"\x00\x00\x00\x18ftypmp42" + bytes(2_000))
        words = {"note": "视频看过车间，设备都在开"}
    else:
        for colour in ("white", "gray"):
            await _file(manager, path, "photo", _photo(colour), latitude="31.3846", longitude="120.9581")
        words = {"serial": "DMU-50-20417", "note": "现场和证一致，没有出租", "reference": f"PG-{task_id[:8]}"}
    for what, said in words.items():
        await manager.post(f"{path}/words", {"kind": what, "words": said}, key=str(uuid.uuid4()))
    await manager.post(f"{path}/finish", {"result": "done", "way": "video" if kind == "visit" else "on_site"})


async def _file(manager: Any, path: str, kind: str, data: bytes, **said: str) -> None:
    reply = await manager.http.post(
        f"{path}/files",
        params={"kind": kind, **said},
        files={"file": (kind, data)},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    reply.raise_for_status()


def _photo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return out.getvalue()


async def is_valued(town: Town, owner: Owner, piece_id: str, amount: int, valuer: str = FIRST_VALUER) -> Any:
    """Somebody looks at a piece, and the valuer's figure is written down; the piece as it stands then."""
    manager = await town.staff("manager")
    before = await stands(owner, piece_id, *THEN)
    await brings_home(manager, before["task_id"], "valuation")

    async def awaited() -> Any:
        seen = await manager.get(f"/v1/manager/collateral/{piece_id}")
        return seen if seen["appraise"] else None

    await eventually(awaited)
    figure = {"valuer": valuer, "value": yuan(amount), "reference": f"R-{amount}"}
    figure["valued_on"] = (await town.today()).isoformat()
    receipt = await manager.post(f"/v1/manager/collateral/{piece_id}/appraisals", figure)
    await _settled(manager, receipt)
    return await stands(owner, piece_id, *THEN[before["state"]])


async def _settled(staff: Any, receipt: Any) -> Any:
    """What was only taken down, once it is done."""
    if receipt.get("state") != "waiting":
        return receipt

    async def finished() -> Any:
        command = await staff.get(f"/v1/manager/commands/{receipt['command_id']}")
        return command if command["state"] != "waiting" else None

    return await eventually(finished)


async def is_seen(town: Town, owner: Owner) -> str:
    """A live video of the premises, which equals a visit; what the case waits for then."""
    step = next(one for one in (await owner.see("offline"))["items"] if one["kind"] == "visit")
    await brings_home(await town.staff("manager"), step["task_id"], "visit")
    return await case_of(town, owner)


async def case_of(town: Town, owner: Owner) -> str:
    """The case that somebody decides, once it waits; its id."""
    desk = await town.staff("officer")

    async def case() -> Any:
        cards = (await desk.get("/v1/manager/inbox"))["items"]
        return next((one for one in cards if one["application_id"] == owner.application_id), None)

    return (await eventually(case))["id"]


async def agrees(town: Town, owner: Owner, task_id: str, amount: int = AMOUNT) -> Any:
    """An officer's own view first, then a yes."""
    desk = await town.staff("officer")
    view = {"verdict": "approve", "amount": yuan(amount), "reason": "流水撑得住，抵押物评估足额"}
    path = f"/v1/manager/tasks/{task_id}"
    await desk.post(f"{path}/own-view", view)
    await desk.post(f"{path}/finish", view)
    return await owner.until_stage("offered", "declined")


async def signs(owner: Owner, *, shows_face: bool = True) -> Any:
    """The plan, the key facts, one's face once more for such a sum, the code."""
    await owner.choose()
    facts = await owner.read_key_facts()
    if shows_face:
        await owner.act("step-up", {"method": "liveness"})
    await owner.sign(facts)
    return await owner.application()


async def released(town: Town, owner: Owner) -> Any:
    """Somebody else than the officer who agreed lets the money go; the loan."""
    second = await town.staff("officer2")

    async def case() -> Any:
        cases = (await second.get("/v1/desk/releases"))["items"]
        return next((one for one in cases if one["application_id"] == owner.application_id), None)

    found = await eventually(case)
    said = {"say": "release", "approval_hash": found["approval_hash"]}
    await second.post(f"/v1/desk/releases/{found['payout_id']}/answer", said)
    await town.pass_days(1)  # the two hours of such a sum, and a search of the day before still holds
    await owner.until_stage("funded")
    return await owner.loan()


async def refusal_of(doing: Any) -> str:
    """The code of the no that an act meets."""
    try:
        await doing
    except Refused as refused:
        return refused.code
    return "no refusal"


async def both_valued(town: Town, owner: Owner, titles: tuple[str, str], machine: dict[str, Any]) -> tuple[str, str]:
    """Workshop and machine, offered and valued within the band."""
    workshop = await offers(owner, WORKSHOP, titles[0])
    second = await offers(owner, machine, titles[1], bought_on=(await town.today()).isoformat())
    await is_valued(town, owner, workshop, SECOND)
    await is_valued(town, owner, second, 800_000)
    return workshop, second


async def maker(town: Town, seed: int, monthly_sales_minor: int = 60_000_000) -> Owner:
    """The representative of a company whose sales carry such a loan."""
    firm = await town.found(
        trade="parts_maker", kind="company", monthly_sales_minor=monthly_sales_minor, months=24, health=0.95, seed=seed
    )
    return await town.owner(firm)


async def workshop_and_machine(town: Town, say: Say) -> Journey:
    """Journey 2: ¥500,000 against a workshop and a machine; a second valuer, two registers, a second person."""
    journey = Journey(2, say)
    owner = await maker(town, 20_002)
    await asks(owner)
    await journey.step(
        "ask before anything is offered",
        "a no that says what carries",
        refusal_of(owner.submit()),
        lambda seen: (str(seen), seen == "collateral_short"),
    )
    workshop = await offers(owner, WORKSHOP, "苏(2019)昆山市不动产权第0012345号")
    machine = await offers(owner, MACHINE, "DMU-50-20417", bought_on=(await town.today()).isoformat())
    await stands(owner, workshop, "valuing")
    await stands(owner, machine, "valuing")
    await journey.step(
        "offer workshop and machine",
        "registers asked, the desktop model's figures at once",
        security_of(owner),
        lambda seen: (
            f"may carry ¥{seen['expected']['amount']}, valued ¥{seen['carries']['amount']}",
            float(seen["expected"]["amount"]) >= AMOUNT and seen["carries"]["amount"] == "0.00",
        ),
    )
    await journey.step(
        "ask for the decision",
        "somebody looks first, on video",
        owner.submit(),
        lambda seen: (seen["stage"], seen["stage"] == "review"),
    )
    await journey.step(
        "a valuer a quarter above the desktop model",
        "a second valuer is sent",
        is_valued(town, owner, workshop, FAR_OFF),
        lambda seen: (seen["state"], seen["state"] == "second"),
    )
    await journey.step(
        "the second valuer",
        "both are kept, the lower counts",
        is_valued(town, owner, workshop, SECOND, OTHER_VALUER),
        lambda seen: (
            f"counts ¥{seen['value']['amount']}, {len(seen['appraisals'])} values kept",
            seen["value"]["amount"] == f"{SECOND}.00" and len(seen["appraisals"]) == 3,
        ),
    )
    await is_valued(town, owner, machine, 800_000)
    task = await is_seen(town, owner)
    await journey.step(
        "an officer agrees",
        "plans on the table",
        agrees(town, owner, task),
        lambda seen: (seen["stage"], seen["stage"] == "offered"),
    )
    await journey.step(
        "sign",
        "signed, and nothing leaves yet",
        signs(owner),
        lambda seen: (seen["stage"], seen["stage"] == "paying"),
    )
    registered = [await stands(owner, piece, "registered") for piece in (workshop, machine)]
    await journey.step(
        "real-estate bureau and register of pledges",
        "two numbers, a search before and after",
        _numbers(registered),
        lambda seen: (", ".join(seen), all(seen)),
    )
    await journey.step(
        "a second person lets it go",
        "the money is on the company's account",
        released(town, owner),
        lambda seen: (f"¥{seen['principal']['amount']}", seen["principal"]["amount"] == f"{AMOUNT}.00"),
    )
    return journey


async def _numbers(registered: list[Any]) -> list[str]:
    return [one["registration_no"] for one in registered]
