"""Journey 4 in a real browser: an invoice is offered, confirmed, pledged and drawn on; the desk notes a credit note."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.web.test_with_servers import READING, World, wait_for, world

# Of several plans the table's first button, of one its card's.
FIRST_PLAN = "tr.choose button, .plan.first button"

__all__ = ["world"]

Visit = Callable[..., Any]
LIMIT, INVOICE, DRAWN, CREDITED = 100_000, 60_000, 20_000, 30_000
BUYER, BUYER_LICENCE = "江南商超采购有限公司", "91310000MA1FL0A01J"
# One invoice is pledged once, whoever plays.
NUMBERS = {"zh-CN": "24312000000041230001", "en": "24312000000041230002"}
# Words by which a page is known, in the visitor's language.
WORDS = {
    "zh-CN": {"known": "您自己的发票", "confirmed": "买家已确认", "pledged": "已质押登记"},
    "en": {"known": "your own invoice", "confirmed": "Confirmed by the buyer", "pledged": "Pledged and registered"},
}
# One buyer counts for at most six tenths, and eight tenths of that are lent; half of it once half was credited.
CARRIES, FALLEN = "¥28,800.00", "¥14,400.00"


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_journey_4_an_owner_pledges_what_a_buyer_owes_and_draws_on_it_on_a_phone(
    world: World, visit: Visit, shots: Callable[..., None], tmp_path: Path, language: str
) -> None:
    words, steps = WORDS[language], count(1)
    firm = world.firm(monthly_sales_minor=12_000_000, months=14, health=0.9)
    before = world.browser()
    before.borrow(firm, "5000", tmp_path)
    page = visit("about:blank", locale=language)
    page.context.add_cookies(_cookies(before, world))

    def keep(name: str, seen: Any = None) -> None:
        shots(seen or page, f"journey-4-{language}-{next(steps):02}-{name}")

    page.goto(f"{world.url}/lines?on=receivables")
    if page.locator(f"button[name=locale][value={language.replace('-', '_')}]:not([aria-pressed])").count():
        page.click(f"button[name=locale][value={language.replace('-', '_')}]")
        page.goto(f"{world.url}/lines?on=receivables")
    page.fill("#f-amount", str(LIMIT))
    keep("wish")
    page.click(".simulator .primary")
    ask = "form[action='/apply/submit'] button"
    wait_for(page, f"#plans, {ask}", scripts=True)
    if page.locator(ask).count():  # a slow machine: what is known is asked for once more
        page.click(ask)
        wait_for(page, "#plans", scripts=True)
    keep("offer")
    page.locator(FIRST_PLAN).first.click()
    wait_for(page, ".sheet", scripts=True)
    keep("key-facts")
    page.wait_for_timeout(READING * 1000)
    sent = len(world.messages(firm["phone"]))
    page.click(".after-sheet .primary")
    page.wait_for_url("**/apply/sign")
    page.fill("#f-code", world.code(firm["phone"], after=sent))
    page.wait_for_url("**/progress")
    page.goto(f"{world.url}/lines")
    page.wait_for_url("**/lines/*")
    assert page.locator("a[href$='/receivables']").count(), "an empty line says what would fill it"
    keep("line-empty")

    page.click("a[href$='/receivables'] >> nth=0")
    page.wait_for_url("**/receivables")
    keep("no-invoices")
    _offer(page, NUMBERS[language])
    keep("offer-filled")
    page.click("form[action$='/receivables'] .button")
    wait_for(page, "form[action$='/look']", scripts=True)
    receivable = page.locator("form[action$='/look']").get_attribute("action").split("/")[-2]
    keep("asked")
    _offer(page, "-".join(re.findall("....", NUMBERS[language])))
    page.click("form[action$='/receivables'] .button")
    page.wait_for_selector(".summary, [role=alert]")
    assert words["known"] in page.inner_text("main"), "the same invoice, written otherwise, is refused with the reason"
    keep("known-already")

    pay_to = re.sub(r"\D", "", page.inner_text("section[aria-labelledby=payto-title] .figure"))
    for signer, means in (("财务经理", "seal"), ("法定代表人", "signatory")):
        said = {
            "signer": signer, "means": means, "amount_minor": INVOICE * 100, "defences_waived": True,
            "due_on": _due().isoformat(), "account": pay_to,
        }  # fmt: skip
        told = world.client.post(f"{world.simulators}/pledges/confirmations/{receivable}/answers", json=said)
        assert told.status_code < 300, told.text
    page.goto(page.url)
    page.click("form[action$='/look'] button")
    wait_for(page, "form[action$='/code']", scripts=True)
    assert words["confirmed"] in page.inner_text("main")
    keep("confirmed")
    sent = len(world.messages(firm["phone"]))
    page.click("form[action$='/code'] button")
    page.wait_for_url("**code=**")
    keep("pledge-code")
    page.fill("#f-code", world.code(firm["phone"], after=sent))
    wait_for(page, "form[action$='/release']", scripts=True)  # a whole code sends itself
    assert words["pledged"] in page.inner_text("main")
    assert CARRIES in page.inner_text(".balance"), "one buyer alone carries no more"
    keep("pledged")

    page.goto(f"{world.url}/lines")
    page.wait_for_url("**/lines/*")
    line = page.url.rpartition("/")[2].partition("?")[0]
    page.fill("#f-amount", str(DRAWN))
    page.locator("#f-amount").blur()
    page.wait_for_timeout(700)
    keep("line")
    page.click("form.simulator .primary")
    page.wait_for_url("**/draw?**")
    keep("draw")
    page.click("main form .primary")
    wait_for(page, ".tracker .rail .done >> nth=3", scripts=True)
    keep("money")

    officer = world.browser()
    officer.enter("officer")
    desk = visit("about:blank", width=1280, height=900, locale=language)
    desk.context.add_cookies(_cookies(officer, world))
    desk.goto(f"{world.url}/desk/lines/{line}/receivables")
    desk.check("input[name=fact][value=credited]")
    desk.fill("#f-amount", str(CREDITED))
    desk.fill("#f-words", "买家退了一半的货，开了红字发票" if language == "zh-CN" else "Half of the goods came back")
    keep("desk", desk)
    desk.click("main form .button")
    desk.wait_for_load_state("networkidle")
    keep("desk-noted", desk)
    page.goto(f"{world.url}/lines/{line}/receivables")
    assert FALLEN in page.inner_text(".balance"), "what it carries falls by itself"
    keep("fallen")
    assert page.complaints == desk.complaints == []
    assert page.evaluate("window.__violations") == []


def _cookies(browser: Any, world: World) -> list[dict[str, str]]:
    return [{"name": one.name, "value": one.value, "url": world.url} for one in browser.client.cookies.jar]


def _due() -> date:
    return date.today() + timedelta(days=48)


def _offer(page: Any, number: str) -> None:
    folded = page.locator("#offer:not([open]) > summary")
    if folded.count():  # typing is the last way to bring one
        folded.click()
    page.fill("#f-buyer", BUYER)
    page.fill("#f-buyer_licence", BUYER_LICENCE)
    page.fill("#f-number", number)
    page.fill("#f-amount", str(INVOICE))
    page.fill("#f-issued_on", (_due() - timedelta(days=60)).isoformat())
    page.fill("#f-due_on", _due().isoformat())
