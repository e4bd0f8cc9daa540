"""Journey 2 in a real browser: ¥3.2 m against a workshop and a machine, by everybody's hands and on their screens."""

import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import i18n
from ops.demo.reports import of_a_piece
from ops.demo.securing import COMMITTEE, FIRST_VALUER, OTHER_VALUER, RELEASES, photo
from tests.web.test_with_servers import READING, Browser, World, fill_identity, wait_for, world

# Of several plans the table's first button, of one its card's.
FIRST_PLAN = "tr.choose button, .plan.first button"

__all__ = ["world"]

Visit = Callable[..., Any]
AMOUNT = 3_200_000
# One thing secures one loan, whoever plays.
TITLES = {
    "zh-CN": ("苏(2018)昆山市不动产权第0023451号", "DMU-65-30518"),
    "en": ("苏(2018)昆山市不动产权第0031977号", "DMU-65-41688"),
}
LABELS = {"zh-CN": ("一号厂房", "五轴加工中心"), "en": ("Workshop 1", "Five-axis mill")}
PLACE = "昆山市玉山镇工业园 8 号"
# The desktop model has ¥4,000,000 for a workshop of 1,000 m².
FAR_OFF, SECOND, MACHINE = 5_000_000, 4_080_000, 800_000
HERE = {"latitude": 31.3821, "longitude": 120.9460}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


class Play:
    """The stage: whose screen, in which language, and pictures in the order in which they were taken."""

    def __init__(self, world: World, visit: Visit, shots: Callable[..., None], language: str) -> None:
        self.world, self.visit, self.language = world, visit, language
        self.locale = language.replace("-", "_")
        self._shots, self._steps = shots, count(1)
        self.pages: list[Any] = []

    def keep(self, page: Any, name: str) -> None:
        """A picture; a page that looks again by itself may turn over while it is taken, and is taken once it has."""
        from playwright.sync_api import Error

        file = f"journey-2-{self.language}-{next(self._steps):02}-{name}"
        try:
            self._shots(page, file)
        except Error:
            page.wait_for_load_state("networkidle")
            self._shots(page, file)

    def say(self, key: str) -> str:
        return i18n.text(key, self.locale)

    def screen(self, size: dict[str, int], browser: Browser | None = None, **options: Any) -> Any:
        """A window of its own, with the cookies of whoever signed in before."""
        page = self.visit("about:blank", **size, locale=self.language, **options)
        if browser is not None:
            jar = browser.client.cookies.jar
            page.context.add_cookies([{"name": one.name, "value": one.value, "url": self.world.url} for one in jar])
        self.pages.append(page)
        return page

    def enters(self, login: str) -> Browser:
        """An employee; asked for once, since an authenticator's digits serve once."""
        browser = self.world.browser()
        browser.client.headers["Accept-Language"] = self.language
        browser.enter(login)
        return browser

    def until_hour(self, operations: Browser, moment: str) -> None:
        """The hour comes that somebody arranged."""
        headers = {"Idempotency-Key": f"k-{uuid4()}", "Sec-Fetch-Site": "same-origin"}
        moved = operations.client.post("/v1/desk/clock", json={"to": moment}, headers=headers)
        assert moved.status_code == 200, moved.text
        end, hour = time.monotonic() + 90, datetime.fromisoformat(moment)
        while datetime.fromisoformat(operations.client.get("/v1/clock").json()["now"]) < hour:
            assert time.monotonic() < end, f"it never became {moment}"
            time.sleep(0.3)

    def until(self, operations: Browser, day: str) -> None:
        """The business date moves on."""
        operations.get("/desk/clock")
        assert operations.press("/desk/clock", {"until": day}).status_code == 303
        end = time.monotonic() + 90
        while operations.client.get("/v1/clock").json()["date"] < day:
            assert time.monotonic() < end, f"it never became {day}"
            time.sleep(0.3)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_journey_2_a_workshop_and_a_machine_secure_three_million_on_three_screens(
    world: World, visit: Visit, shots: Callable[..., None], tmp_path: Path, language: str
) -> None:
    play = Play(world, visit, shots, language)
    firm = world.firm(kind="company", trade="parts_maker", monthly_sales_minor=60_000_000, months=24, health=0.95)
    staff = {login: play.enters(login) for login in ("manager", "manager2", "operations", *COMMITTEE)}
    manager = play.screen(PHONE, staff["manager"], geolocation=HERE, permissions=["geolocation"])
    owner = play.screen(PHONE)

    _asks(play, manager, owner, firm, tmp_path)
    application = _offers(play, owner, firm)
    _is_looked_at(play, manager, owner, staff["operations"], application)
    _two_sign(play, manager, staff["manager2"], application)
    _committee(play, staff, application)
    _signs(play, owner, manager, firm, application)
    _condition(play, owner, staff["officer"], application)
    _released(play, staff["officer2"], owner, firm)
    for page in play.pages:
        assert page.complaints == [], page.url
        assert page.evaluate("window.__violations") == []


# --- the owner --------------------------------------------------------------------------------------------------------


def _asks(play: Play, manager: Any, owner: Any, firm: dict[str, Any], folder: Path) -> None:
    """By a manager's code to a company that has said who it is, allowed what is asked, and brought its bills."""
    manager.goto(f"{play.world.url}/manager/code")
    play.keep(manager, "manager-code")
    [code] = set(re.findall(r"/m/([a-z2-7]{10})", manager.content()))
    owner.goto(f"{play.world.url}/m/{code}")
    play.keep(owner, "introduced")
    owner.goto(f"{play.world.url}/?on=collateral")
    for field, value in {"amount": AMOUNT, "months": 36, "share": 20, "revenue": 600_000}.items():
        owner.fill(f"#f-{field}", str(value))
        owner.locator(f"#f-{field}").blur()
    owner.wait_for_timeout(700)
    play.keep(owner, "wish")
    owner.click(".simulator .primary")
    owner.fill("#f-phone", firm["phone"])
    owner.click("main .primary")
    owner.wait_for_url("**/sign-in/code**")
    owner.fill("#f-code", play.world.code(firm["phone"]))
    owner.wait_for_url("**/apply/identity**")
    owner.click("main form .primary")  # face and papers are allowed by themselves
    owner.wait_for_url("**/apply/identity**")
    fill_identity(owner, firm)
    owner.check("input[name=purpose][value=equipment]")
    owner.click("main form .primary")
    for _ in range(60):
        if "/apply/consents" in owner.url:
            break
        onward = owner.locator("a.primary[href='/apply/consents']")
        onward.click() if onward.count() else owner.wait_for_timeout(300)
    for box in owner.locator("input[name=consent]").all():
        box.check()
    owner.click("main form .primary")
    owner.wait_for_url("**/apply/flows")
    owner.set_input_files("#f-files", play.world.bills(firm, folder))
    wait_for(owner, ".understood", scripts=True)
    owner.goto(f"{play.world.url}/apply/papers")
    owner.set_input_files("#f-paper-resolution", _file("ivory", "决议.jpg"))
    wait_for(owner, "#b-resolution ~ .bills, section:has(#b-resolution) .bills", scripts=True)
    play.keep(owner, "papers")


def _offers(play: Play, owner: Any, firm: dict[str, Any]) -> str:
    """Workshop and machine; the decision is asked for, and somebody comes to look. The application's id."""
    owner.goto(f"{play.world.url}/progress")
    owner.click("a[href^='/collateral/']")
    owner.wait_for_url("**/collateral/*")
    application = owner.url.rpartition("/")[2]
    play.keep(owner, "what-secures-it")
    (workshop, machine), (first, second) = LABELS[play.language], TITLES[play.language]
    today = play.world.client.get(f"{play.world.url}/v1/clock").json()["date"]
    owner.click("a[href*='kind=real_estate']")
    owner.fill("#f-label", workshop)
    owner.fill("#f-title", first)
    owner.fill("#f-place", PLACE)
    owner.fill("#f-area_m2", "1000")
    owner.check("input[name=use][value=workshop]")
    play.keep(owner, "workshop")
    owner.click("main form .primary")
    wait_for(owner, "a[href^='/visits/'] >> nth=0", scripts=True)
    owner.click("a[href*='kind=equipment']")
    owner.fill("#f-label", machine)
    owner.fill("#f-title", second)
    owner.fill("#f-place", PLACE)
    owner.fill("#f-bought", str(MACHINE))
    owner.fill("#f-bought_on", today)
    owner.click("main form .primary")
    wait_for(owner, "a[href^='/visits/'] >> nth=1", scripts=True)
    play.keep(owner, "both-offered")
    owner.goto(f"{play.world.url}/apply/papers")
    for paper, colour in (("title_deed", "beige"), ("purchase_invoice", "azure")):
        owner.set_input_files(f"#f-paper-{paper}", _file(colour, f"{paper}.jpg"))
        wait_for(owner, f"section:has(#b-{paper}) .bills", scripts=True)
    play.keep(owner, "papers-of-both")
    owner.goto(f"{play.world.url}/apply/flows")
    owner.click("form[action='/apply/submit'] button")
    owner.wait_for_timeout(1_000)
    owner.goto(f"{play.world.url}/progress")
    wait_for(owner, "section.now a[href^='/visits/'] >> nth=0", scripts=True)
    play.keep(owner, "three-visits")
    return application


def _books(play: Play, owner: Any, way: str, which: Any) -> str:
    """The first hour that is free."""
    which.click()
    owner.wait_for_url("**/visits/**")
    if owner.locator("input[name=way][type=radio]").count():
        owner.check(f"input[name=way][value={way}]")
    owner.fill("#f-place", PLACE)
    if owner.locator("#f-together").count():  # workshop and machine are behind one door
        owner.check("#f-together")
    first = owner.locator("button[name=slot]").first
    hour = first.get_attribute("value")
    first.click()
    owner.wait_for_load_state("networkidle")
    return hour


def _file(colour: str, name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(colour)}


# --- the manager on the road ------------------------------------------------------------------------------------------


def _is_looked_at(play: Play, manager: Any, owner: Any, operations: Browser, application: str) -> None:
    """The premises on video, the workshop by two valuers on two days, the machine on the first of them."""
    url = play.world.url
    owner.goto(f"{url}/progress")
    premises = next(one for one, title in _visits(owner) if play.say("lending.offline_kind.visit") in title)
    hour = _books(play, owner, "video", owner.locator(f"a[href$='{premises}']").first)
    agrees = owner.locator("form[action$='/agreement'] button")
    assert owner.locator("a[href*='/rooms/']").count() == 0, "no link before consent"
    agrees.click()
    wait_for(owner, "a[href*='/rooms/']", scripts=True)
    link = owner.locator("a[href*='/rooms/']").get_attribute("href")
    play.keep(owner, "video-booked")
    owner.goto(f"{url}/collateral/{application}")
    looks = [one.get_attribute("href").rpartition("/")[2] for one in owner.locator("a[href^='/visits/']").all()]
    hour = max(hour, _books(play, owner, "on_site", owner.locator(f"a[href$='{looks[0]}']").first))
    play.until_hour(operations, hour)
    manager.goto(f"{url}/manager/offline/{premises}")
    wait_for(manager, "#pack", scripts=False)
    play.keep(manager, "pack")
    room = play.screen(PHONE)
    room.goto(link)
    room.click("form button")  # both go in, look, and leave
    play.pages.remove(room)  # the provider's page, not ours
    manager.locator(f"form[action$='{premises}/recording'] button").click()
    manager.wait_for_selector("section[aria-labelledby=home] .bills")
    _writes(manager, "note", "视频看过车间，设备都在开")
    _finishes(manager)
    manager.goto(f"{url}/manager/collateral")
    play.keep(manager, "pieces")
    for n, look in enumerate(looks):
        _valuer_was_there(manager, url, look, f"PG-2026-{look[:6]}", TITLES[play.language][n])
    pieces = _pieces(manager, url)
    workshop, machine = (pieces[label] for label in LABELS[play.language])
    _figure(play, manager, workshop, 0, FAR_OFF, FIRST_VALUER, "too-far-from-the-model")
    assert play.say("lending.collateral.second") in manager.inner_text("main"), "a second valuer is sent (B4)"
    _figure(play, manager, machine, 1, MACHINE, FIRST_VALUER, "")
    owner.goto(f"{url}/collateral/{application}")
    hour = _books(play, owner, "on_site", owner.locator("a[href^='/visits/']").first)
    play.until_hour(operations, hour)
    again = owner.url.rpartition("/")[2]
    _valuer_was_there(manager, url, again, f"PG-2026-{again[:6]}", TITLES[play.language][0])
    _figure(play, manager, workshop, 0, SECOND, OTHER_VALUER, "second-valuer")
    manager.goto(f"{url}/manager/collateral/{workshop}")
    table = manager.inner_text(".values")
    assert all(f"¥{figure:,.2f}" in table for figure in (4_000_000, FAR_OFF, SECOND)), "both are kept, and the model's"
    play.keep(manager, "every-value-kept")
    owner.goto(f"{url}/collateral/{application}")
    assert "¥3,256,000.00" in owner.inner_text(".balance"), "70 % of the lower figure and half of the machine"
    play.keep(owner, "what-it-carries")


def _visits(owner: Any) -> list[tuple[str, str]]:
    found = owner.locator("section.now:has(a[href^='/visits/'])").all()
    return [
        (one.locator("a[href^='/visits/']").get_attribute("href").rpartition("/")[2], one.locator("h2").inner_text())
        for one in found
    ]


def _opens_all(page: Any) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")


def _writes(page: Any, kind: str, words: str) -> None:
    _opens_all(page)
    form = page.locator("form[data-capture]:has(input[name=words])")
    form.locator(f"input[name=kind][value={kind}]").check()
    form.locator("input[name=words]").fill(words)
    form.locator("button").click()
    page.locator("section[aria-labelledby=home] .bills", has_text=words).wait_for()


def _finishes(page: Any) -> None:
    page.locator("form[data-finish] button").click()
    page.wait_for_url("**/manager")


def _valuer_was_there(page: Any, url: str, task: str, reference: str, number: str) -> None:
    """Two photos of this visit with their place, the number on the thing, a note and the number of the report."""
    page.goto(f"{url}/manager/offline/{task}")
    for n, colour in enumerate((f"#{task[:6]}", f"#{task[-6:]}"), 1):
        page.set_input_files("#f-photo", _file(colour, f"{n}.jpg"))
        page.locator(f"section[aria-labelledby=home] .bills li >> nth={n - 1}").wait_for()
    for kind, words in (
        ("serial", number),
        ("note", "现场和证一致，没有出租"),
        ("reference", reference),
    ):
        _writes(page, kind, words)
    _finishes(page)


def _pieces(page: Any, url: str) -> dict[str, str]:
    """Pieces that wait for a figure, by their label."""
    page.goto(f"{url}/manager/collateral")
    found = page.locator(".bill-name a").all()
    return {one.inner_text().partition(" · ")[2]: (one.get_attribute("href") or "").rpartition("/")[2] for one in found}


def _figure(play: Play, page: Any, piece: str, which: int, yuan: int, valuer: str, name: str) -> None:
    page.goto(f"{play.world.url}/manager/collateral/{piece}")
    wait_for(page, "#f-valuer", scripts=True)
    page.check(f"input[name=valuer][value={valuer}]")
    # A report of its own, which names the piece and the figure: one serves one value (B4).
    report = of_a_piece(TITLES[play.language][which], yuan, f"{piece} {valuer}")
    page.set_input_files("#f-report", {"name": "report.pdf", "mimeType": "application/pdf", "buffer": report})
    page.fill("#f-value", str(yuan))
    assert page.input_value("#f-reference").startswith("PG-2026-"), "what was brought home is not typed again (B1)"
    if name:
        play.keep(page, name)
    page.locator("form:has(#f-valuer) button.primary").click()
    page.wait_for_load_state("networkidle")


def _two_sign(play: Play, lead: Any, second: Browser, application: str) -> None:
    """双人调查: own view, a report from the file, two names under it, and up."""
    url = play.world.url
    here = f"{url}/manager/customers/{application}"
    lead.goto(f"{url}/manager")
    wait_for(lead, "a[href^='/manager/tasks/']", scripts=True)
    play.keep(lead, "inbox")
    task = lead.locator("a[href^='/manager/tasks/']").first.get_attribute("href")
    lead.goto(url + task)
    while lead.locator("form[action^='/manager/papers/']").count():  # every paper is looked at by somebody
        lead.locator("form[action^='/manager/papers/'] button").first.click()
        lead.wait_for_load_state("networkidle")
    lead.check("input[name=verdict][value=approve]")
    lead.fill("#f-amount", str(AMOUNT))
    lead.fill("#f-reason", "流水撑得住，抵押物评估足额")
    lead.locator("form:has(#f-reason) button.primary").first.click()
    lead.wait_for_load_state("networkidle")
    lead.goto(f"{here}/report")
    _opens_all(lead)
    lead.locator("#two label", has_text="赵岩").locator("input").check()
    lead.locator("#two form:has(input[name=second_id]) button").click()
    lead.wait_for_load_state("networkidle")
    _opens_all(lead)
    lead.locator("#f-outside").fill("车间和设备都在用，和材料一致")
    lead.locator("form:has(#f-outside) button").last.click()
    lead.wait_for_load_state("networkidle")
    _opens_all(lead)
    lead.locator("#two form:has(input[name=sha256]) button").click()
    lead.wait_for_load_state("networkidle")
    page = play.screen(PHONE, second)
    page.goto(url + task)  # a signature alone is no second person: a view of their own first
    page.check("input[name=verdict][value=approve]")
    page.fill("#f-amount", str(AMOUNT))
    page.fill("#f-reason", "我单独核过设备发票和三个月流水，与所报一致，可以做")
    page.locator("form:has(#f-reason) button.primary").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(f"{here}/report")
    _opens_all(page)
    page.locator("#two form:has(input[name=sha256]) button").click()
    page.wait_for_load_state("networkidle")
    play.keep(page, "two-names-under-one-report")
    lead.goto(url + task)
    _opens_all(lead)
    lead.fill("#f-up-words", "金额超出我的权限，建议上会")
    lead.locator("form:has(#f-up-words) button").click()
    lead.wait_for_load_state("networkidle")


# --- the desk ---------------------------------------------------------------------------------------------------------


def _committee(play: Play, staff: dict[str, Browser], application: str) -> None:
    """Called by an officer with a condition, voted on by three, sealed."""
    url = play.world.url
    chair = play.screen(DESK, staff[COMMITTEE[0]])
    chair.goto(f"{url}/desk/cases")
    play.keep(chair, "desk-queue")
    chair.goto(f"{url}/desk/cases/{application}")
    play.keep(chair, "desk-case")
    chair.goto(f"{url}/desk/committee")
    _opens_all(chair)
    chair.check(f"input[name='case-{application}']")
    chair.check("input[name=condition-insured]")
    for box in chair.locator("input[name^=member-]").all():
        box.check()
    play.keep(chair, "committee-called")
    chair.locator("form:has(#f-chair) button.primary").click()
    chair.wait_for_url("**/desk/committee/*")
    sitting = chair.url
    for login in COMMITTEE:
        page = chair if login == COMMITTEE[0] else play.screen(DESK, staff[login])
        page.goto(f"{url}/desk/cases/{application}")  # nobody votes on what they did not open
        page.goto(sitting)
        page.locator("textarea[name=words]").fill("流水和抵押物都够" if play.language == "zh-CN" else "Sales carry it")
        if login == COMMITTEE[1]:
            play.keep(page, "a-member-votes")
        page.click("button[name=say][value=yes]")
        page.wait_for_load_state("networkidle")
    chair.goto(sitting)
    wait_for(chair, "a[href$='/minutes']", scripts=False)
    play.keep(chair, "minutes-sealed")


def _signs(play: Play, owner: Any, manager: Any, firm: dict[str, Any], application: str) -> None:
    """The plan, the sheet, another paper on the manager's tablet (blocked), the same paper, one's face and the code."""
    owner.goto(f"{play.world.url}/apply/decision")
    wait_for(owner, "#plans", scripts=True)
    play.keep(owner, "offers")
    owner.locator(FIRST_PLAN).first.click()
    wait_for(owner, ".sheet", scripts=True)
    play.keep(owner, "key-facts")
    owner.wait_for_timeout(READING * 1000)
    owner.click(".after-sheet .primary")
    owner.wait_for_url("**/apply/sign")
    play.keep(owner, "before-signing")
    owner.click("form[action$='/step-up'] button >> nth=0")
    wait_for(owner, "#f-code", scripts=True)
    terms = owner.evaluate("document.querySelector('input[name=terms_hash]').value")
    manager.goto(f"{play.world.url}/manager/customers/{application}")
    manager.click("a[href$='/paper']")
    _holds_paper(manager, "ab" * 32)
    assert play.say("web.paper_check.differs") in manager.inner_text("main"), "another paper (B5)"
    play.keep(manager, "another-paper")
    owner.goto(owner.url)
    owner.locator("main > .links form button").click()
    owner.wait_for_selector(".summary, [role=alert]")
    assert terms[:8] in owner.inner_text("main"), "nothing is signed, and both fingerprints say why (B5)"
    play.keep(owner, "blocked-by-another-paper")
    _holds_paper(manager, terms)
    assert play.say("web.paper_check.same") in manager.inner_text("main")
    owner.goto(f"{play.world.url}/apply/sign")
    sent = len(play.world.messages(firm["phone"]))
    owner.locator("main > .links form button").click()
    owner.wait_for_load_state("networkidle")
    owner.fill("#f-code", play.world.code(firm["phone"], after=sent))
    owner.wait_for_url("**/progress")
    play.keep(owner, "signed")


def _holds_paper(page: Any, printed: str) -> None:
    page.fill("#f-code", f"HUOSHUI A-1 SHA-256 {printed}")
    page.locator("form[data-scan] button.primary").click()
    page.wait_for_load_state("networkidle")


def _condition(play: Play, owner: Any, officer: Browser, application: str) -> None:
    """Both registers have it; the insurance that the yes asks for is brought, taken and shown as the proof."""
    url = play.world.url
    owner.goto(f"{url}/collateral/{application}")
    end = time.monotonic() + 60
    while owner.inner_text("main").count(play.say("lending.collateral.registered")) < 2:
        assert time.monotonic() < end, owner.inner_text("main")
        owner.wait_for_timeout(500)
        owner.goto(owner.url)
    play.keep(owner, "both-registered")
    owner.goto(f"{url}/progress/conditions/{application}")
    owner.set_input_files("#f-files", _file("lightblue", "保单.jpg"))
    play.keep(owner, "condition")
    owner.locator("form:has(#f-files) button").click()
    owner.wait_for_load_state("networkidle")
    desk = play.screen(DESK, officer)
    desk.goto(f"{url}/desk/cases/{application}")
    _opens_all(desk)
    desk.locator("section[aria-labelledby=evidence-title] button[value=accept]").last.click()
    desk.wait_for_load_state("networkidle")
    desk.goto(f"{url}/desk/cases/{application}")
    _opens_all(desk)
    proof = desk.locator("select[name=proof]")
    newest = proof.locator("option[value^='document:']").first.get_attribute("value")
    proof.select_option(newest)
    desk.click("button[name=say][value=meet]")
    desk.wait_for_load_state("networkidle")
    play.keep(desk, "condition-met")


def _released(play: Play, member: Browser, owner: Any, firm: dict[str, Any]) -> None:
    """Nobody who voted lets it go; somebody else does, and the money arrives."""
    url = play.world.url
    voted = play.screen(DESK, member)
    other = play.enters(RELEASES)
    lets_go = play.screen(DESK, other)
    for page, name in ((voted, "voted-may-not-release"), (lets_go, "release")):
        page.goto(f"{url}/desk/releases")
        card = page.locator("li.card", has_text=firm["shop"])
        card.wait_for()
        play.keep(page, name)
        lets = card.locator("button[name=say][value=release]")
        if name != "release":
            assert lets.count() == 0, "whoever voted lets nothing go, and has no button that would be refused"
            continue
        lets.click()
        page.wait_for_load_state("networkidle")
    today = play.world.client.get(f"{url}/v1/clock").json()["date"]
    play.until(other, _after(today))
    owner.goto(f"{url}/progress")
    wait_for(owner, ".tracker .rail .done >> nth=3", scripts=True, seconds=90)
    play.keep(owner, "money")
    owner.goto(f"{url}/loans")
    assert f"¥{AMOUNT:,.2f}" in owner.inner_text("main")


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
