"""Whatever a step tells has words: read from the source, so that a new kind cannot be forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import i18n
from lending.parties import PartyKind

ROOT = Path(__file__).resolve().parents[2]


def said(method: str) -> Iterator[tuple[str, str]]:
    """(kind, place) of every ``….tell("kind", …)`` or ``….notify("kind", …)`` of the activities, keywords included."""
    for path in sorted((ROOT / "activities").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != method:
                continue
            candidates = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "kind")]
            for one in candidates:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value, f"{path.relative_to(ROOT)}:{node.lineno}"


@pytest.mark.parametrize(("method", "key"), [("tell", "api.timeline.{}"), ("notify", "api.notice.{}")])
def test_every_line_of_the_story_and_every_notice_has_words(method: str, key: str) -> None:
    found = list(said(method))
    assert len(found) > 5, "the activities tell more than that: has the way of telling changed?"
    missing = [f"{key.format(kind)} ({place})" for kind, place in found if not i18n.known(key.format(kind))]
    assert not missing, f"write these in locales/api.yaml: {missing}"


def test_every_paper_has_a_name() -> None:
    for kind in ("key_facts", "contract", "contract_signed", "contract_en", "contract_signed_en", "certificate"):
        assert i18n.known(f"api.paper.{kind}")


def test_every_field_error_that_the_code_names_has_words() -> None:
    codes: set[str] = set()
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("FieldError", "Wrong", "refuse"):
                place = 1 if _name(node.func) in ("FieldError", "refuse") else 0
                codes |= {one.value for one in ast.walk(_argument(node, place)) if isinstance(one, ast.Constant)}
    codes = {code for code in codes if isinstance(code, str) and code.isidentifier()}
    assert len(codes) > 15
    assert not {code for code in codes if not i18n.known(f"api.field.{code}")}


def test_every_pydantic_error_that_we_translate_has_words() -> None:
    from api.answers import FIELD_CODES

    assert not {code for code in {*FIELD_CODES.values(), "wrong"} if not i18n.known(f"api.field.{code}")}


def test_every_reason_of_a_rule_has_words() -> None:
    from api.phrases import reason_key
    from lending.verdicts import ReasonCode

    assert all(i18n.known(reason_key(code)) for code in ReasonCode)
    assert set(PartyKind)


@pytest.mark.parametrize(("figure", "words"), [("0%", "Hardly any refunds"), ("2%", "only 2% of sales")])
def test_a_figure_that_is_nothing_is_said_in_words(figure: str, words: str) -> None:
    from api.phrases import reason

    assert words in reason("few_refunds", {"figure": figure}, "en").text


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _argument(call: ast.Call, place: int) -> ast.AST:
    return call.args[place] if len(call.args) > place else ast.Pass()
