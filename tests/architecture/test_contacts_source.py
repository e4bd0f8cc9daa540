"""Who may say that a contact is allowed, and why each message is sent, read in the source."""

import ast
import re
from pathlib import Path

from policies.book import load

ROOT = Path(__file__).resolve().parents[2]
# The rules' answer on record, and the codes that somebody has just asked for.
MAY_ALLOW = {"db/contacts.py", "api/auth/codes.py"}
MAY_SEND = {"worker/background/courier.py", "api/auth/codes.py"}


def _calls(name: str) -> set[str]:
    """The modules outside tests that call ``name(…)``."""
    rooms = [room for room in ROOT.iterdir() if (room / "__init__.py").exists() and room.name != "tests"]
    files = [file for room in rooms for file in room.rglob("*.py")]
    return {
        str(file.relative_to(ROOT))
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
    }


def test_g4_no_message_leaves_without_a_token_and_only_the_rules_give_one() -> None:
    assert _calls("ContactToken") == MAY_ALLOW
    assert _calls("MessageOrder") == MAY_SEND


def test_every_kind_of_message_has_a_text_and_a_purpose() -> None:
    texts = (ROOT / "locales" / "api.yaml").read_text()
    assert set(load().purposes) == set(re.findall(r"^api\.notice\.([a-z0-9_]+):", texts, re.MULTILINE))
