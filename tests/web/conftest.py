"""The gallery for tests of pages, and a real browser where there is one."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

CHROMIUM = os.environ.get("HUOSHUI_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


class Gallery:
    """The gallery served on a port of its own."""

    def __init__(self, url: str, names: tuple[str, ...]) -> None:
        self.url = url
        self.names = names

    def page(self, name: str, lang: str = "zh_CN", *, large: bool = False, simulated: bool = True) -> str:
        """The address of one state."""
        return f"{self.url}/{name}?lang={lang}&large={int(large)}&simulated={int(simulated)}"


@pytest.fixture(scope="session")
def gallery() -> Iterator[Gallery]:
    """Every page in its main states."""
    from web.gallery.app import create
    from web.gallery.states import states

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create(), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield Gallery(f"http://127.0.0.1:{port}", tuple(states("zh_CN")))
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser; tests that need it are skipped where it is not installed.

    No longer than a module: its driver leaves an event loop running, which no asynchronous test can bear.
    """
    if not os.access(CHROMIUM, os.X_OK):
        pytest.skip("Chromium is not installed (make browser installs it)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--hide-scrollbars"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page of a fresh visitor; console errors and policy violations are collected in ``page.complaints``."""
    contexts: list[Any] = []

    def open_page(url: str, *, width: int = 390, height: int = 844, **options: Any) -> Any:
        page = _opened(chromium, width, height, **options)
        contexts.append(page.context)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def leafing(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens one page after the other in the same tab of a window of some size: a tab for each costs as much as axe."""
    tabs: dict[tuple[int, int, float], Any] = {}

    def turn_to(
        url: str, *, width: int = 390, height: int = 844, device_scale_factor: float = 1, color_scheme: Any = "light"
    ) -> Any:
        size = width, height, device_scale_factor
        if size not in tabs:
            tabs[size] = _opened(chromium, width, height, device_scale_factor=device_scale_factor)
        page = tabs[size]
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")  # what one page keeps for later is nothing to the next
        page.goto("about:blank")
        page.complaints.clear()
        page.emulate_media(color_scheme=color_scheme)
        page.goto(url)
        return page

    yield turn_to
    for page in tabs.values():
        page.context.close()


def _opened(chromium: Any, width: int, height: int, **options: Any) -> Any:
    page = chromium.new_context(viewport={"width": width, "height": height}, **options).new_page()
    page.complaints = []
    page.on("console", lambda said: _keep(page, said))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    if options.get("java_script_enabled", True):
        page.add_init_script(WATCH)
    return page


# Violations of the content security policy, as the page itself sees them; and how far things jumped while it loaded.
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.__violations.push(e.violatedDirective + " " + e.blockedURI));
window.__shift = 0;
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) window.__shift += e.value;
})
  .observe({ type: "layout-shift", buffered: true });
"""


def _keep(page: Any, said: Any) -> None:
    # A page that answers 4xx on purpose is told to the console by the browser; that is no fault of the page.
    if said.type in ("error", "warning") and "Failed to load resource" not in said.text:
        page.complaints.append(said.text)


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Keeps a picture of a page: in HUOSHUI_SHOTS if that names a folder, else with the test run's own files."""
    folder = Path(os.environ.get("HUOSHUI_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Any, name: str) -> None:
        file = folder / f"{name}.png"
        # A window as high as the page: what stands at the foot of a window is not in the middle of the picture.
        window = page.viewport_size
        height = max(window["height"], page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({**window, "height": height})
        page.screenshot(path=str(file), full_page=True)
        page.set_viewport_size(window)
        assert file.stat().st_size > 4_000, "an empty picture"

    return keep
