"""Every code that a rule can utter has words in both languages, with exactly the parameters that the rule gives."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
import yaml

from lending.applications import Actor, FiveStages, Phase, Stage, Step
from lending.close import LoanStatus
from lending.consents import TERMS
from lending.identity import CheckKind, CheckOutcome
from lending.offers import Shape
from lending.parties import PartyKind
from lending.refusals import ALL_REFUSALS, Refusal
from lending.verdicts import Outcome, PathKind, ReasonCode, Route

TEXTS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parents[2] / "locales" / "lending.yaml").read_text(encoding="utf-8")
)


def parameters(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("refusal", ALL_REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_has_its_words(refusal: type[Refusal]) -> None:
    words = TEXTS[f"lending.refusal.{refusal.code}"]
    for language in ("zh", "en"):
        # A text may leave out what the page uses otherwise: the currency of an amount, the step that was tried.
        assert parameters(words[language]) <= set(refusal.params_needed)
        assert parameters(words[language]) | {"currency", "step"} >= set(refusal.params_needed)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (Stage, "stage"),
        (Step, "step"),
        (Actor, "actor"),
        (FiveStages, "public"),
        (Phase, "phase"),
        (CheckKind, "check"),
        (CheckOutcome, "check.outcome"),
        (PartyKind, "party"),
        (Shape, "shape"),
        (LoanStatus, "status"),
        (Outcome, "outcome"),
        (ReasonCode, "reason"),
        (Route, "route"),
        (PathKind, "path"),
    ],
)
def test_every_value_that_a_person_sees_has_a_name(kind: type[StrEnum], prefix: str) -> None:
    for value in kind:
        words = TEXTS[f"lending.{prefix}.{value}"]
        assert parameters(words["zh"]) == parameters(words["en"])


def test_each_consent_says_what_it_allows_and_how_long() -> None:
    for asked in TERMS.values():
        words = TEXTS[asked.text_key]
        days = str(asked.valid_for.days)
        assert days in words["zh"]
        assert days in words["en"]
        assert f"{asked.text_key}.title" in TEXTS


def test_both_languages_are_complete_and_nothing_shouts() -> None:
    for key, words in TEXTS.items():
        assert set(words) == {"zh", "en"}, key
        assert all(text.strip() for text in words.values()), key
        assert parameters(words["zh"]) == parameters(words["en"]), key
        assert not any(mark in text for text in words.values() for mark in "!！"), key
        assert re.search(r"[一-鿿]", words["zh"]), key
        assert not re.search(r"[一-鿿]", words["en"]), key


def test_the_product_card_is_short() -> None:
    card = TEXTS["lending.product.revenue_linked_working_capital.card"]
    assert len(card["zh"]) <= 120
    assert len(card["en"].split()) <= 120
