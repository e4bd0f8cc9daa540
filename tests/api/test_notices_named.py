"""A message to an owner names what it is about: the piece or invoice by its last digits, who comes, and where."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from db.tables import Collateral, Notice
from infra import i18n
from infra.phrases import notice
from tests.api.test_collateral import applicant, offer

__all__ = ["applicant"]

ROOT = Path(__file__).resolve().parents[2]
KEYS = sorted(filter(lambda key: key.startswith("api.notice."), i18n.keys()))
MOMENT, DAY = "2026-12-03T02:00:00+00:00", "2026-12-03"
# What a message is about as a whole: a line, or several steps at once.
OF_NO_PIECE = {"receivable_shortfall", "receivable_shortfall_both", "receivable_shortfall_reserved"}


def value(name: str) -> Any:
    """Some value of the kind that a parameter of this name has."""
    if name.endswith("_minor"):
        return 123_400
    if name.endswith("_at") or name == "until":
        return MOMENT
    if name == "on" or name.endswith("_on"):
        return DAY
    return "1"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_no_two_kinds_of_message_read_the_same(locale: str) -> None:
    texts: dict[str, list[str]] = defaultdict(list)
    for key in KEYS:
        kind = key.removeprefix("api.notice.")
        texts[notice(kind, locale, {name: value(name) for name in i18n.parameters(key)}, "https://h")].append(kind)
    assert len(texts) > 70
    assert not [kinds for kinds in texts.values() if len(kinds) > 1]


def told() -> Iterator[tuple[str, set[str], str]]:
    """(kind, names of what is told with it, place) of every message that is sent about a piece or an invoice."""
    for path in sorted((ROOT / "activities").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "notify":
                continue
            kind = node.args[0]
            if isinstance(kind, ast.Constant) and str(kind.value).startswith(("collateral_", "receivable_")):
                names = {one.arg or ast.unparse(one.value) for one in node.keywords}
                yield str(kind.value), names, f"{path.name}:{node.lineno}"


def test_every_message_about_a_piece_or_an_invoice_says_which() -> None:
    found = list(told())
    assert len(found) >= 9
    for kind, names, place in found:
        if kind not in OF_NO_PIECE:
            assert any(one in name for name in names for one in ("collateral_id", "receivable_id", "said_of")), place


async def test_two_pieces_of_one_kind_are_told_apart_in_both_languages_and_no_number_is_whole(
    api: Any, applicant: Any
) -> None:
    owner, application_id = applicant
    titles = {"苏（2019）昆山不动产权第0012345号": "一号厂房", "苏（2019）昆山不动产权第0067890号": "二号厂房"}
    pieces = [
        UUID((await offer(owner, application_id, title=title, label=label)).json()["object_id"])
        for title, label in titles.items()
    ]
    async with api.tools.sessions.begin(scope="worker") as session:
        first = (await session.scalars(select(Collateral).where(Collateral.id == pieces[0]))).one()
        for piece in pieces:
            await session.execute(
                insert(Notice).values(
                    id=uuid4(),
                    person_id=first.person_id,
                    application_id=application_id,
                    kind="collateral_second_valuer",
                    params={"collateral_id": str(piece)},
                    state="waiting",
                    created_at=first.created_at,
                )
            )
    for locale, brand in (("zh_CN", "【活水】"), ("en", "[Huoshui]")):
        changed = {"Idempotency-Key": uuid4().hex}
        assert (await owner.client.patch("/v1/profile", json={"locale": locale}, headers=changed)).status_code == 200
        rows = (await owner.get("/v1/messages")).json()["items"]
        texts = [row["text"] for row in rows if row["kind"] == "collateral_second_valuer"]
        assert len(set(texts)) == 2, texts
        assert all(text.startswith(brand) for text in texts)
        assert {tail for tail in ("2345", "7890") if any(tail in text for text in texts)} == {"2345", "7890"}
        assert not any("0012345" in text or "0067890" in text for text in texts)
