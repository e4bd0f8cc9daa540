"""What people do for a loan against collateral: its owner, managers on the road, officers and a committee at a desk."""

import asyncio
import io
import uuid
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from ops.demo.reports import of_a_piece
from ops.demo.town import Owner, Town, eventually, yuan

PRODUCT = "collateral_backed"
# Where a piece stands after a valuer's figure, by where it stood before.
THEN = {"valuing": ("valued", "second"), "second": ("valued",), "registered": ("registered",)}
# Of the list (policies/valuers.yaml), by what is valued.
FIRST_VALUER, OTHER_VALUER = "zhongqihua", "tianjianxingye"
KEEPER, OTHER_KEEPER = "jiangnan_storage", "yangtze_supervision"
# Without which paper nothing is decided, by what is offered (policies/checklists.yaml), and our picture of it.
PAPER = {
    "real_estate": ("title_deed", "beige"),
    "equipment": ("purchase_invoice", "azure"),
    "vehicle": ("vehicle_certificate", "honeydew"),
    "inventory": ("stock_list", "linen"),
}
HERE = {"latitude": "31.3821", "longitude": "120.9460", "accuracy_m": "15"}  # the workshop, as a phone says it
# Who goes out (ops/demo_staff.py).
MANAGERS = ("manager", "manager2")
# Who sits on the committee; whoever voted yes lets no money go (db.releases.approvers_of).
COMMITTEE = ("officer", "officer2", "officer3")
RELEASES = "operations"


# --- the owner --------------------------------------------------------------------------------------------------------


async def maker(town: Town, seed: int, monthly_sales_minor: int = 60_000_000) -> Owner:
    """The representative of a company whose sales carry such a loan."""
    firm = await town.found(
        trade="parts_maker", kind="company", monthly_sales_minor=monthly_sales_minor, months=24, health=0.95, seed=seed
    )
    return await town.owner(firm)


async def asks(owner: Owner, amount: int, *, months: int = 24, share: str = "0.2", via: str | None = None) -> Any:
    """From the first tap to the bills, for a loan against collateral; ``via``: the code of the manager who came by."""
    await owner.sign_in()
    wish = {"amount": yuan(amount), "months": months, "share": share, "product_id": PRODUCT, "purpose": "equipment"}
    receipt = await owner.caller.post("/v1/applications", {**wish, **({"via": via} if via else {})})
    owner.application_id = receipt["object_id"]
    await owner.done(receipt)
    await owner.identify()
    await owner.consent()
    for wallet in owner.firm.bills:
        await owner.upload(wallet)
    if owner.firm.kind == "company":  # 股东会决议和章程: who may borrow for it
        await brings(owner, "resolution", "ivory")
    return await owner.application()


async def brings(owner: Owner, item: str, colour: str) -> Any:
    """A paper for a line of the checklist."""
    path = f"/v1/applications/{owner.application_id}/documents?item={item}"
    return await owner.caller.upload(path, f"{item}.jpg", photo(colour))


async def offers(who: Owner, piece: dict[str, Any], title: str, **other: Any) -> str:
    """One piece with the paper that says whose it is; its id."""
    receipt = await who.caller.post(
        f"/v1/applications/{who.application_id}/collateral", {**piece, "title": title, **other}
    )
    await who.done(receipt)
    paper, colour = PAPER[piece["kind"]]
    await brings(who, paper, colour)
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


async def books(town: Town, owner: Owner, task_id: str, way: str, *also: str) -> Any:
    """The first hour that is free, for what else is at that door too; the pack that the manager takes along."""

    async def offered() -> Any:
        step = await outside(owner, task_id)
        return step if step["slots"] else None

    slot = (await eventually(offered))["slots"][0]
    for one in (task_id, *also):
        receipt = await owner.caller.post(
            f"/v1/applications/{owner.application_id}/offline/{one}/slot",
            {"slot_at": slot, "way": way, "place": "昆山市玉山镇工业园 8 号"},
        )
        await owner.done(receipt)
    manager = await town.staff("manager")
    await town.until_hour(datetime.fromisoformat(slot))

    async def packed() -> Any:
        return (await manager.get(f"/v1/manager/offline/{task_id}"))["pack"]

    return await eventually(packed)


async def outside(owner: Owner, task_id: str) -> Any:
    """Somebody's way out, as its customer sees it."""
    return next(one for one in (await owner.see("offline"))["items"] if one["task_id"] == task_id)


async def signs(owner: Owner, *, shows_face: bool = True) -> Any:
    """The plan, the key facts, one's face once more for such a sum, the code."""
    await owner.choose()
    return await signs_what_it_read(owner, await owner.read_key_facts(), shows_face=shows_face)


async def signs_what_it_read(owner: Owner, facts: Any, *, shows_face: bool = True) -> Any:
    """One's face once more for such a sum, and the code."""
    if shows_face:
        await owner.act("step-up", {"method": "liveness"})
    await owner.sign(facts)
    return await owner.application()


async def paper_is_held(town: Town, owner: Owner, printed_hash: str) -> Any:
    """The code of a contract on paper, as a manager's tablet reads it: whether it is the one on the screen."""
    manager = await town.staff("manager")
    code = {"code": f"HUOSHUI A-1 SHA-256 {printed_hash}"}
    return await manager.post(f"/v1/manager/applications/{owner.application_id}/paper-check", code)


async def adds(owner: Owner, piece_id: str) -> Any:
    """A valued piece for a loan whose security carries less than is owed: by a code of its own."""
    path = f"/v1/collateral/{piece_id}"
    await owner.caller.post(f"{path}/addition-code")
    receipt = await owner.caller.post(f"{path}/addition", {"code": await owner.last_code()})
    return await owner.done(receipt)


# --- somebody else whose thing it is ----------------------------------------------------------------------------------


async def takes_part(owner: Owner, other: Owner) -> str:
    """Asked as a mortgagor by phone: signs in, allows what this role asks for, says who they are; the part's id."""
    asked = {"role": "mortgagor", "phone": other.firm.phone}
    await owner.done(await owner.caller.post(f"/v1/applications/{owner.application_id}/parties", asked))
    await other.sign_in()

    async def mine() -> Any:
        parts = (await other.caller.get("/v1/parts"))["items"]
        return parts[0] if parts else None

    part = await eventually(mine)
    for text in part["consents"]:
        await other.caller.post("/v1/consents", {"purpose": text["purpose"], "text_hash": text["text_hash"]})
    who = {"name": other.firm.owner, "id_number": other.firm.id_number}
    await other.done(await other.caller.post(f"/v1/parts/{part['id']}/identity", who))

    async def proven() -> Any:
        seen = await other.caller.get(f"/v1/parts/{part['id']}")
        return seen["id"] if seen["state"] == "proven" else None

    return await eventually(proven)


async def signs_the_part(other: Owner, part_id: str) -> Any:
    """Reads what it means for as long as the law asks, and signs with a code on their own phone."""
    read = (await other.caller.post(f"/v1/parts/{part_id}/key-facts"))["facts"]
    await asyncio.sleep(read["seconds_left"])
    await other.caller.post(f"/v1/parts/{part_id}/signing-code")
    said = {"code": await other.last_code(), "terms_hash": read["terms_hash"]}
    return await other.done(await other.caller.post(f"/v1/parts/{part_id}/signature", said))


# --- managers ---------------------------------------------------------------------------------------------------------


async def whoever_has(town: Town, task_id: str) -> Any:
    """The manager who has a task: nobody else goes on with it."""
    for login in MANAGERS:
        manager = await town.staff(login)
        if (await manager.get(f"/v1/manager/offline/{task_id}"))["card"]["mine"]:
            return manager
    raise AssertionError("nobody who plays here has it")


async def looks_at_it(manager: Any, task_id: str, number: str) -> None:
    """Whoever was sent with a valuer captures what they saw, the ``number`` on the thing too, and says it is done."""
    path = f"/v1/manager/offline/{task_id}"
    for colour in (f"#{task_id[:6]}", f"#{task_id[-6:]}"):  # each visit has pictures of its own
        await _file(manager, path, "photo", photo(colour), **HERE, taken_at=datetime.now(UTC).isoformat())
    words = {"serial": number, "note": "现场和证一致，没有出租", "reference": f"PG-{task_id[:8]}"}
    for what, said in words.items():
        await _writes(manager, path, what, said)
    await manager.post(f"{path}/finish", {"result": "done", "way": "on_site"})


async def _writes(manager: Any, path: str, what: str, said: str) -> None:
    await manager.post(f"{path}/words", {"kind": what, "words": said}, key=str(uuid.uuid4()))


async def meets_live(town: Town, owner: Owner, task_id: str) -> None:
    """The owner agrees to be recorded, both go into the room, and the recording is taken from its keeper."""
    words = (await outside(owner, task_id))["live"]["sha256"]
    await owner.act(f"offline/{task_id}/agreement", {"sha256": words})

    async def room() -> str | None:
        link = (await outside(owner, task_id))["live"]["link"]
        sessions = (await town.world.get("/live/book"))["sessions"]
        return link if link and sessions[-1]["agreed_at"] else None

    met = await town.world.http.post(await eventually(room))
    met.raise_for_status()
    manager = await whoever_has(town, task_id)
    path = f"/v1/manager/offline/{task_id}"
    await settled(manager, await manager.post(f"{path}/recording"))
    await _writes(manager, path, "note", "视频看过车间，设备都在开")
    await settled(manager, await manager.post(f"{path}/finish", {"result": "done", "way": "video"}))


async def _file(manager: Any, path: str, kind: str, data: bytes, **said: str) -> None:
    reply = await manager.http.post(
        f"{path}/files",
        params={"kind": kind, **said},
        files={"file": (kind, data)},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    reply.raise_for_status()


def photo(colour: str) -> bytes:
    """A picture of one colour: the same bytes each time."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return out.getvalue()


async def is_valued(town: Town, owner: Owner, piece_id: str, amount: int, valuer: str = FIRST_VALUER) -> Any:
    """Somebody looks at a piece, and the valuer's figure is written down; the piece as it stands then."""
    before = await stands(owner, piece_id, *THEN)
    manager = await whoever_has(town, before["task_id"])
    if (await outside(owner, before["task_id"]))["slot_at"] is None:
        await books(town, owner, before["task_id"], "on_site")
    thing = await manager.get(f"/v1/manager/collateral/{piece_id}")
    await looks_at_it(manager, before["task_id"], thing["title"])

    async def awaited() -> Any:
        seen = await manager.get(f"/v1/manager/collateral/{piece_id}")
        return seen if seen["appraise"] else None

    await eventually(awaited)
    figure = {"valuer": valuer, "value": f"{amount}.00", "reference": f"R-{amount}-{piece_id[:8]}"}
    figure["valued_on"] = (await town.today()).isoformat()
    report = await manager.http.post(
        f"/v1/manager/collateral/{piece_id}/appraisals",
        params=figure,
        files={"file": ("report.pdf", of_a_piece(thing["title"], amount, f"{piece_id} {valuer}"))},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    report.raise_for_status()
    await settled(manager, report.json())
    return await stands(owner, piece_id, *THEN[before["state"]])


async def settled(staff: Any, receipt: Any) -> Any:
    """What was only taken down, once it is done."""
    if receipt.get("state") != "waiting":
        return receipt

    async def finished() -> Any:
        command = await staff.get(f"/v1/manager/commands/{receipt['command_id']}")
        return command if command["state"] != "waiting" else None

    return await eventually(finished)


async def is_seen(town: Town, owner: Owner) -> str:
    """A live video of the premises, which equals a visit; the case that somebody decides then."""
    step = next(one for one in (await owner.see("offline"))["items"] if one["kind"] == "visit")
    await books(town, owner, step["task_id"], "video")
    await meets_live(town, owner, step["task_id"])
    return await case_of(town, owner)


async def case_of(town: Town, owner: Owner) -> str:
    """The case that somebody decides, once it waits; its id."""
    desk = await town.staff("officer")

    async def case() -> Any:
        cards = (await desk.get("/v1/manager/inbox"))["items"]
        return next((one for one in cards if one["application_id"] == owner.application_id), None)

    return (await eventually(case))["id"]


# --- the desk ---------------------------------------------------------------------------------------------------------


async def agrees(town: Town, owner: Owner, task_id: str, amount: int) -> Any:
    """An officer's own view first, then a yes."""
    desk = await town.staff("officer")
    view = {"verdict": "approve", "amount": yuan(amount), "reason": "流水撑得住，抵押物评估足额"}
    path = f"/v1/manager/tasks/{task_id}"
    await owner.papers_are_looked_at()
    await desk.post(f"{path}/own-view", view)
    await desk.post(f"{path}/finish", view)
    return await owner.until_stage("offered", "declined")


async def committee_votes(town: Town, owner: Owner, *, condition: str) -> Any:
    """Three sit, each votes on the case as they saw it, under one condition; the sitting with its sealed minutes."""
    chair = await town.staff(COMMITTEE[0])
    sits = [one["employee"] for one in (await chair.get("/v1/desk/committee"))["members"]]
    agenda = {"application_id": owner.application_id, "conditions": [{"kind": condition, "words": ""}]}
    sitting = await chair.post("/v1/desk/committee", {"chair": sits[0], "members": sits[:3], "cases": [agenda]})
    path = f"/v1/desk/committee/{sitting['id']}"
    for login in COMMITTEE:
        member = await town.staff(login)
        await member.get(f"/v1/desk/cases/{owner.application_id}")  # nobody votes on what they did not open
        [item] = (await member.get(path))["items"]
        word = {"say": "yes", "words": "流水和抵押物都够", "seen_hash": item["now"]}
        await member.post(f"{path}/items/{item['id']}/vote", word)

    async def sealed() -> Any:
        found = await chair.get(path)
        return found if found["minutes_sha256"] else None

    return await eventually(sealed)


async def meets_the_condition(town: Town, owner: Owner) -> Any:
    """Its owner brings the paper that the yes asks for, a manager takes it and shows it; what is open then."""
    brought = await brings(owner, "condition", "lightblue")
    paper = next(one for one in brought["items"] if one["id"] == "condition")["files"][-1]
    manager = await town.staff("manager")
    await manager.post(f"/v1/manager/documents/{paper['id']}/judge", {"accepted": True})
    [asked] = (await owner.see("conditions"))["items"]
    await manager.post(f"/v1/desk/conditions/{asked['id']}/meet", {"proof": "document", "proof_id": paper["id"]})
    return (await owner.see("conditions"))["items"]


async def releasing(town: Town, owner: Owner, login: str) -> Any:
    """The case that waits for a second person, as this one sees it."""
    desk = await town.staff(login)

    async def case() -> Any:
        cases = (await desk.get("/v1/desk/releases"))["items"]
        return next((one for one in cases if one["application_id"] == owner.application_id), None)

    return await eventually(case)


async def lets_go(town: Town, owner: Owner, login: str) -> Any:
    """Let the money go; refused for whoever agreed."""
    found = await releasing(town, owner, login)
    said = {"say": "release", "approval_hash": found["approval_hash"]}
    return await (await town.staff(login)).post(f"/v1/desk/releases/{found['payout_id']}/answer", said)


async def released(town: Town, owner: Owner, login: str = "officer2") -> Any:
    """Somebody who did not agree lets the money go; the loan."""
    await lets_go(town, owner, login)
    await town.pass_days(1)  # the two hours of such a sum, and a search of the day before still holds
    await owner.until_stage("funded")
    return await owner.loan()


async def both_valued(
    town: Town, owner: Owner, workshop: dict[str, Any], titles: tuple[str, str], machine: dict[str, Any]
) -> tuple[str, str]:
    """Workshop and machine, offered and valued within the band."""
    first = await offers(owner, workshop, titles[0])
    second = await offers(owner, machine, titles[1], bought_on=(await town.today()).isoformat())
    await is_valued(town, owner, first, 1_020_000)
    await is_valued(town, owner, second, 800_000)
    return first, second
