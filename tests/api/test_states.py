"""No person reads the code of a state: each refusal that names one says it in words."""

import re

import pytest

from api.problem_words import told
from infra import i18n
from lending.applications import Stage
from lending.collateral import CollateralState
from lending.line import LineState
from lending.parties import PartyState
from lending.receivables import ReceivableState
from lending.refusals import InvoiceNotVerified, LineStays, NotInThisStage

# As the tables have them (db/tables/incoming.py).
INCOMING = ("arrived", "suspense", "placed", "given_back", "owed", "sent", "done", "refused")
STEPS = ("submit", "take_back", "offer_collateral", "prove", "judge", "sign_part", "Appraise", "release")
STATES = sorted({*Stage, *CollateralState, *ReceivableState, *PartyState, *INCOMING, "ended"})


@pytest.mark.parametrize("state", STATES)
def test_a_refusal_never_says_asked_or_pledged_as_the_code_has_it(state: str) -> None:
    for step in STEPS:
        said = told(NotInThisStage(stage=state, step=step), "zh_CN").detail
        assert not re.search("[a-z]", said), (step, said)
        assert i18n.text("api.stage.somewhere", "zh_CN") not in said, (step, said)
        assert told(NotInThisStage(stage=state, step=step), "en").params["stage"] == state, "a machine reads the code"
        assert "_" not in told(NotInThisStage(stage=state, step=step), "en").detail


@pytest.mark.parametrize("state", list(LineState))
def test_a_line_that_stays_says_in_words_how_it_is(state: LineState) -> None:
    assert not re.search("[a-z]", told(LineStays(state=state.value), "zh_CN").detail)


@pytest.mark.parametrize("state", ["red", "void", "unknown"])
def test_what_the_tax_bureau_says_is_in_words(state: str) -> None:
    assert not re.search("[a-z]", told(InvoiceNotVerified(state=state), "zh_CN").detail)


def test_one_state_of_several_things_is_said_as_its_thing_has_it() -> None:
    assert "正在查册" in told(NotInThisStage(stage="offered", step="appraise"), "zh_CN").detail
    assert "正在查验" in told(NotInThisStage(stage="offered", step="prove"), "zh_CN").detail
    assert "等买家确认" in told(NotInThisStage(stage="asked", step="pledge"), "zh_CN").detail


def test_a_state_that_nobody_named_yet_is_no_code_either() -> None:
    assert "brand_new" not in told(NotInThisStage(stage="brand_new", step="submit"), "zh_CN").detail
