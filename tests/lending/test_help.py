"""P32: help answers from rules, and two questions that were not answered bring a person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import i18n
from lending.help import ANSWERS_AT_MOST, answers, asks_for_a_person, hands_over
from policies.book import ROOT, load

KNOWN = load().help
NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("利息怎么算", "cost"),
        ("微信账单的密码在哪", "bills"),
        ("提前还清要违约金吗", "early"),
        ("钱多久到账", "arrived"),
        ("这个月还不上了", "behind"),
        ("为什么被拒", "declined"),
        ("When will my money arrive?", "arrived"),
        ("can I repay early", "early"),
        ("who reads my data", "data"),
        ("发票能用吗", "invoices"),
        ("Can I use my invoices?", "invoices"),
        ("额度怎么用", "line"),
        ("what is a revolving line", "line"),
        ("有没有贴息", "subsidy"),
        ("is there a subsidy", "subsidy"),
        ("保证人要承担什么", "guarantor"),
        ("do I need a guarantor?", "guarantor"),
        ("人工客服", "person"),
        ("I want to talk to a person", "person"),
    ],
)
def test_a_question_is_known_by_its_words_in_both_languages(asked: str, topic: str) -> None:
    assert topic in [found.id for found in answers(asked, KNOWN)]


@given(st.text(max_size=200))
def test_whatever_is_asked_at_most_two_answers_come(asked: str) -> None:
    assert len(answers(asked, KNOWN)) <= ANSWERS_AT_MOST


def test_whoever_asks_for_a_person_is_understood_and_whoever_asks_for_a_personal_loan_is_not_called() -> None:
    assert all(
        asks_for_a_person(asked, KNOWN) for asked in ("人工客服", "转人工", "I want to talk to a person", "human!")
    )
    assert not any(asks_for_a_person(asked, KNOWN) for asked in ("a personal loan", "利息怎么算", "today", ""))


def test_what_no_rule_speaks_of_is_not_answered() -> None:
    assert answers("今天天气怎么样", KNOWN) == ()
    assert answers("", KNOWN) == ()


def test_each_answer_has_its_words_in_both_languages_and_rests_on_a_file_that_exists() -> None:
    files = {path.stem for path in ROOT.rglob("*.yaml")} | {path.name for path in ROOT.iterdir() if path.is_dir()}
    for topic in KNOWN.topics:
        assert i18n.known(f"api.help.{topic.id}.question") and i18n.known(f"api.help.{topic.id}.answer")
        assert topic.rule.partition(".")[0] in files | {"consents"}, topic.rule


def test_two_misses_within_a_day_bring_a_person_and_older_ones_do_not() -> None:
    day = timedelta(days=1)
    assert not hands_over([NOW], NOW, KNOWN)
    assert hands_over([NOW - day, NOW], NOW, KNOWN)
    assert not hands_over([NOW - day - timedelta(seconds=1), NOW], NOW, KNOWN)
    assert KNOWN.call_within <= timedelta(minutes=15)
