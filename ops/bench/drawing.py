"""``journey-9``: a borrower who was here before draws on a line, from the page to money on the account."""

import html
import re
import time

from ops.bench.crowd import Crowd
from ops.bench.figures import Bar, Figure, percentile
from ops.bench.pace import milliseconds
from ops.bench.paying import paid_by_the_rail
from ops.demo.line_journey import MONEY_WITHIN, line_of, signs_a_line
from ops.demo.town import Owner, eventually
from ops.stack.testing import RunningStack

FIRST, LINE, EACH, DRAWS = 5_000, 60_000, 2_000, 10
FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)
INPUT = re.compile(r"<input[^>]*>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
TYPED = frozenset({"text", "tel", "password", "number"})


async def journey_9(stack: RunningStack, crowd: Crowd) -> list[Figure]:
    """Seconds from the tap to the credit, and how many pages and typed fields that takes; the rail alone beside it."""
    ((owner, bills),) = await crowd.newcomers(1)
    await owner.sign_in()
    await owner.begin(FIRST, months=3)
    await owner.identify()
    await owner.consent()
    for wallet, bill in bills.items():
        await owner.upload(wallet, bill)
    await owner.submit()
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("funded")
    line = await signs_a_line(owner, LINE)
    ours: list[float] = []
    floor: list[float] = []
    pages = fields = 0
    for _ in range(DRAWS):
        seconds, pages, fields = await _draw(owner, line["id"])
        ours.append(seconds)
        floor.append(await milliseconds(lambda: paid_by_the_rail(stack, owner)) / 1000)
    return [
        Figure(
            name="journey-9",
            unit="s",
            ours=percentile(ours, 0.95),
            floor=percentile(floor, 0.95),
            n=len(ours),
            seed=crowd.seed,
            meaning="the simulated rail, order to credit",
            bars=(Bar("ours", MONEY_WITHIN),),
        ),
        _count("journey-9-pages", "pages", pages, crowd.seed, "the line, and the cost with the tap", limit=2),
        _count("journey-9-fields", "fields", fields, crowd.seed, "typed from the line to the money", limit=0),
    ]


def _count(name: str, unit: str, ours: int, seed: int, meaning: str, *, limit: int) -> Figure:
    """A count: there is nothing to hold it against but its bar."""
    return Figure(
        name=name, unit=unit, ours=ours, floor=None, n=DRAWS, seed=seed, meaning=meaning, bars=(Bar("ours", limit),)
    )


async def _draw(owner: Owner, line_id: str) -> tuple[float, int, int]:
    """(seconds from the tap to the credit, pages seen, fields that had to be typed), by the pages themselves."""
    http = owner.caller.http
    form = _form((await http.get(f"/lines/{line_id}", headers={"Accept": "text/html"})).text, "/draw")
    query = {**form, "amount": str(EACH)}  # the slider, moved
    sheet = await http.get(f"/lines/{line_id}/draw", params=query, headers={"Accept": "text/html"})
    confirm = _form(sheet.text, f"/lines/{line_id}/draws")
    before = len((await line_of(owner))["draws"])
    began = time.perf_counter()
    reply = await http.post(f"/lines/{line_id}/draws", data=confirm, headers={"Accept": "text/html"})
    if reply.status_code >= 400:
        raise AssertionError(f"the tap was refused: {reply.status_code}")

    async def credited() -> bool | None:
        draws = (await line_of(owner))["draws"]
        return (len(draws) > before and draws[0]["credited_on"] is not None) or None

    await eventually(credited)
    seconds = time.perf_counter() - began
    return seconds, 2, sum(not value for value in (form["amount"], form["share"], *confirm.values()))


def _form(page: str, to: str) -> dict[str, str]:
    """The fields of the form that leads there, with what stands in them."""
    for form in FORM.findall(page):
        if to not in form:
            continue
        found: dict[str, str] = {}
        for one in INPUT.findall(form):
            attributes = dict(ATTRIBUTE.findall(one))
            if "name" in attributes and attributes.get("type", "text") in (*TYPED, "hidden"):
                found[attributes["name"]] = html.unescape(attributes.get("value", ""))
        return found
    raise AssertionError(f"no form leads to {to}")
