"""Real servers for all tests: started at their first use, once per session, gone when it ends (or is killed).

``postgres``: the server; ``database``: a fresh migrated one per module; ``temporal_server``, ``s3``: once per session;
``time_skipping_server``: one per test; ``stack``: the whole system as processes.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from infra.settings import Settings
from ops.stack import testing
from ops.stack.s3 import S3Server
from ops.stack.temporal import TemporalServer

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("HUOSHUI_PROFILE", "test")

# The same forty examples each time, so that a change is what made a test fail; `make test-all` searches with more.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, max_examples=40)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile("same")


# Files that need the whole system, which is dear: when several processes share the tests, one of them has it.
WHOLE_SYSTEM = (
    "tests/stories/",
    "tests/ops/test_whole_stack.py",
    "tests/web/test_known_owner.py",
    "tests/web/test_mailed_bills.py",
    "tests/web/test_phone_offline.py",
    "tests/web/test_receivables_play.py",
    "tests/web/test_secured_play.py",
    "tests/web/test_with_servers.py",
)


# A file of two thousand pictures of pages, each by itself: in one piece one process would work an hour alone.
DRESSES, PIECES = "tests/web/test_in_browser.py", 8


class Together(LoadScopeScheduling):
    """A file stays in one process, and so do all files that need the whole system; the dresses of pages go in pieces.

    Not by marks: xdist 3.8 reads them into a field that pytest 9.2 no longer has.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path == DRESSES and nodeid.endswith("]"):
            return f"{path} {sum(nodeid.encode()) % PIECES}"
        return "the whole system" if path.startswith(WHOLE_SYSTEM) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dearest come first, or one process works alone at the end."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(WHOLE_SYSTEM):
            raise pytest.UsageError(f"{item.nodeid} needs the whole system: name its file in WHOLE_SYSTEM")
    items.sort(key=_dearness)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A test that failed between a kill and a start leaves the system down: that is its failure, and no other's."""
    running = getattr(item, "funcargs", {}).get("stack")
    if isinstance(running, testing.RunningStack):
        running.mend()


def _dearness(item: pytest.Item) -> int:
    return 0 if item.nodeid.startswith(WHOLE_SYSTEM) else 1 if item.get_closest_marker("browser") else 2


@pytest.fixture(scope="session")
def postgres() -> Iterator[testing.Databases]:
    """A PostgreSQL server; ``fresh()`` gives a migrated database, ``empty()`` one without tables."""
    with testing.databases() as found:
        yield found


@pytest.fixture(scope="module")
def database(postgres: testing.Databases) -> Iterator[testing.Database]:
    """A migrated database of this module's own."""
    made = postgres.fresh()
    yield made
    postgres.drop(made)


@pytest.fixture(scope="session")
def temporal_server() -> Iterator[TemporalServer]:
    """Temporal's development server; ``address`` says where."""
    with testing.temporal_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 store; ``endpoint``, ``access_key``, ``secret_key`` say how to reach it."""
    with testing.s3_server() as server:
        yield server


@pytest.fixture
def time_skipping_server() -> Iterator[str]:
    """The address of a Temporal server on which months pass in a moment."""
    with testing.time_skipping_server() as address:
        yield address


@pytest.fixture(scope="session")
def stack() -> Iterator[testing.RunningStack]:
    """The whole system. A test that kills a part starts it again before it ends."""
    with testing.stack() as running:
        yield running


@pytest.fixture(scope="session")
def settings_for() -> Callable[..., Settings]:
    """Makes settings for a part: ``settings_for(database=…, temporal=…, s3=…, name=value)``."""
    return testing.settings_for


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with reference data (bills, vectors), which is not part of the repository."""
    folder = Path(os.environ.get("HUOSHUI_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"reference data is not at {folder}; HUOSHUI_REFERENCE_DATA may name its place")
    return folder
