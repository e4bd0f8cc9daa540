"""Company, sole trader (个体工商户) and self-employed without licence each have their evidence profile (S2-4)."""

import shutil
from pathlib import Path

import pytest

import policies
from lending.application_steps import MOST_TYPED, asked_of, typed
from lending.identity import CheckKind
from lending.parties import PartyKind
from lending.profiles import Capacity, Holder, looks_personal, may_be_paid
from lending.refusals import PayeeNotProven
from policies.book import load
from policies.files import PolicyError

PROFILES = load().profiles
COMPANY, TRADER, ALONE = (PROFILES[kind] for kind in PartyKind)


def test_each_kind_has_its_profile_as_data() -> None:
    person = (CheckKind.NETWORK, CheckKind.BANK_CARD, CheckKind.LIVENESS)
    assert COMPANY.checks == TRADER.checks == (*person, CheckKind.REGISTER)
    assert ALONE.checks == person
    assert (COMPANY.papers, ALONE.papers) == (("id_card", "licence"), ("id_card",))
    assert [kind.is_natural_person for kind in PartyKind] == [False, True, True]


def test_a_self_employed_person_is_asked_no_licence_and_a_company_in_what_capacity_one_speaks() -> None:
    assert not {"licence", "firm_name", "capacity"} & set(asked_of(ALONE))
    assert {"licence", "firm_name"} <= set(asked_of(TRADER)) and "capacity" not in asked_of(TRADER)
    assert "capacity" in asked_of(COMPANY)
    assert COMPANY.capacity("agent") is Capacity.AGENT
    assert COMPANY.capacity(None) is None and COMPANY.capacity("king") is None
    assert ALONE.capacity(None) is TRADER.capacity("agent") is Capacity.OPERATOR


def test_a2_no_kind_types_more_than_twenty_five_fields() -> None:
    assert [typed(profile) for profile in (COMPANY, TRADER, ALONE)] == [14, 14, 12]
    assert max(map(typed, PROFILES.values())) <= MOST_TYPED


@pytest.mark.parametrize("firms", [True, False])
def test_a_company_is_paid_to_its_own_account_and_everybody_else_to_the_operators(firms: bool) -> None:
    for profile in PROFILES.values():
        if (profile.account is Holder.FIRM) == firms:
            may_be_paid(profile, firms_account=firms)
        else:
            with pytest.raises(PayeeNotProven):
                may_be_paid(profile, firms_account=firms)
    assert [profile.account for profile in (COMPANY, TRADER, ALONE)] == [Holder.FIRM, Holder.OPERATOR, Holder.OPERATOR]


def test_a_card_is_told_from_a_firms_account() -> None:
    assert looks_personal("6222021234567890128")
    assert not looks_personal("62220212345678")
    assert not looks_personal("1203001209000123456")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fields: [firm_name, licence, capacity]", "fields: [firm_name, licence]"),
        ("checks: [network, bank_card, liveness]\n", "checks: [network, bank_card]\n"),
        ("checks: [network, bank_card, liveness]\n", "checks: [network, bank_card, liveness, register]\n"),
        ("fields: []  ", "fields: [horoscope]  "),
    ],
)
def test_a_profile_that_contradicts_itself_stops_the_start(tmp_path: Path, old: str, new: str) -> None:
    source = Path(policies.__file__).parent
    root = Path(shutil.copytree(source, tmp_path / "p", ignore=shutil.ignore_patterns("*.py", "__pycache__")))
    file = root / "evidence_profiles.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError):
        load(root=root)
