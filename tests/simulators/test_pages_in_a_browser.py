"""The pages of the simulated world in a real browser: no accessibility fault, nothing wider than a small phone."""

import shutil
from collections.abc import AsyncIterator

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]
PAGES = ("/", "/phone?number=19900000099", "/firms/demo", "/firms/demo?fault=1")


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: `make browser` installs it")
    playwright = pytest.importorskip("playwright.async_api")
    async with playwright.async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_no_accessibility_fault_and_no_sideways_scrolling(browser, http, shared, path, scheme):
    axe = pytest.importorskip("axe_playwright_python.async_playwright").Axe()
    text = "【活水】您的登录验证码是 482913，10 分钟内有效。https://a-very-long-address.example/" + "x" * 200
    message = {"message_id": "axe", "phone": "19900000099", "text": text, "purpose": "login_code"}
    await http.post("/messages/", json=message)
    context = await browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await page.goto(shared.url + path)
    found = await axe.run(page, options={"resultTypes": ["violations"]})
    wide = await page.evaluate("document.documentElement.scrollWidth")
    await context.close()
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert wide == 360
    assert problems == []


async def test_the_strict_policy_blocks_nothing_that_the_pages_need(browser, shared):
    page = await browser.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    for path in PAGES:
        await page.goto(shared.url + path)
        assert await page.evaluate("getComputedStyle(document.querySelector('.wrap')).maxWidth") == "704px"
    await page.close()
    assert refused == []
