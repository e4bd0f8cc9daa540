"""The digital twin (issue 8.6): the rules of production under simulated firms, the same for a seed, to the fen."""

import json
import re
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from lending.accounts import Account
from lending.contact_policy import Contact
from ops.cli import main
from ops.twin.asking import Asked, answered, asked_by
from ops.twin.assumptions import Play, assumed
from ops.twin.books import Books, DoesNotTie, LoanJournal
from ops.twin.firms import CHUNK, chunk
from ops.twin.lived import Lived
from ops.twin.played import PRODUCT, Played, book_of, law_of, played
from ops.twin.running import begin, run
from ops.twin.tally import tally
from policies.files import PolicyError
from tests.lending.test_contact_policy import broken

POLICIES = Path(__file__).parents[2] / "policies"
DOCUMENTS = Path(__file__).parents[2] / "docs" / "twin"
SHIPPED = Played()
SCENARIOS = tuple(assumed().scenarios)


def lives(play: Play, policy: Played = SHIPPED) -> tuple[list[Lived], Books]:
    """Every loan of the first chunk with everything that is known of it."""
    supposed, book = assumed(), book_of(policy)
    firms, under = chunk(play, 0, supposed), book.policy(PRODUCT)
    answers = answered(asked_by(firms, play, supposed, under), play, supposed, book, under)
    books, found = Books(), list[Lived]()
    for granted in answers.taken:
        made = begin(firms, granted, play, policy, supposed)
        if made is not None:
            found.append(made[0].live(made[1], books, keep=True))
    return found, books


def asks(play: Play) -> list[Asked]:
    supposed = assumed()
    return asked_by(chunk(play, 0, supposed), play, supposed, book_of(SHIPPED).policy(PRODUCT))


def changed(tmp_path: Path, name: str, *swaps: tuple[str, str], into: str) -> Path:
    text = (POLICIES / name).read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / into
    path.write_text(text, encoding="utf-8")
    return path


# --- what must hold on every path -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("scenario", "seed"), list(zip(SCENARIOS, (1, 7, 3), strict=True)))
def test_money_is_conserved_and_no_realised_rate_is_above_the_cap(scenario: str, seed: int) -> None:
    found = run(Play(120, 12, seed, scenario), SHIPPED)
    told = tally(found)
    balance = found.books.balance
    lent, paid = told.lent_minor, sum(row.paid_minor for row in found.rows)
    assert told.loans > 30 and told.ledger_sum_minor == 0
    assert balance[Account.CASH_BANK] == 0, "the capital was what was lent"
    assert balance[Account.CASH_WALLET] == paid, "what came in is what the owners paid"
    interest_paid = paid + sum(row.waived_minor for row in found.rows) - (lent - told.left_minor)
    assert balance[Account.INTEREST_RECEIVABLE] == told.interest_minor - interest_paid - told.coupons_minor
    assert balance[Account.COST_COUPONS] == told.coupons_minor > 0, "coupons pay interest as it is earned"
    assert told.annual.above_cap == 0 and told.cap is not None and told.annual.highest <= told.cap


def test_a_journal_that_lacks_an_entry_is_found() -> None:
    (one, *_), _ = lives(Play(20, 6, 7))
    journal = LoanJournal(one.loan_id)
    journal.pays_out(one.terms.amount_minor, one.started_on)
    with pytest.raises(DoesNotTie, match="by the closes"):
        journal.proves(one.terms, one.position, one.paid_off_on or max(one.told))
    books = Books()
    books.add(journal.entries, one.position._replace(principal_minor=one.terms.amount_minor - 1))
    with pytest.raises(DoesNotTie, match=r"loans\.principal"):
        books.closes(PRODUCT, "CNY", one.terms.amount_minor, one.started_on)


@pytest.mark.parametrize("seed", [5, 7])
def test_no_contact_of_the_twin_breaks_a_rule_of_contact(seed: int) -> None:
    law = law_of(book_of(SHIPPED))
    found, _ = lives(Play(160, 18, seed, "downturn"))
    made = [one.made for one in found]
    assert sum(map(len, made)) > 50 and {one.wish.purpose for row in made for one in row} >= {"reminder", "demand"}
    for row in made:
        past: list[Contact] = [one.contact for one in row]
        assert past == sorted(past, key=lambda one: one.at)
        assert broken(past, [(one.wish, one.standing) for one in row], law.contact, law.offset) == []


def test_nobody_is_debited_for_the_path_who_was_not_told_five_days_before() -> None:
    found, _ = lives(Play(160, 12, 3, "downturn"))
    told = {(one.loan_id, m.contact.at.date()) for one in found for m in one.made if m.wish.kind == "path_debit"}
    debited = [(one.loan_id, due) for one in found for due in one.announced if due in one.debits]
    assert debited
    for loan_id, due in debited:
        assert any((due - day).days >= 5 for who, day in told if who == loan_id and day < due)


# --- the same for a seed ----------------------------------------------------------------------------------------------
def test_a_seed_gives_one_result_whatever_the_number_of_processes() -> None:
    play = Play(CHUNK + 20, 6, 11)
    alone, together = run(play, SHIPPED), run(play, SHIPPED, processes=2)
    assert alone.rows == together.rows and alone.books == together.books
    assert asdict(tally(alone)) == asdict(tally(together))
    assert run(replace(play, seed=12, firms=60), SHIPPED).rows != alone.rows


def test_fewer_firms_are_the_first_of_more() -> None:
    assert asks(Play(60, 12, 7)) == asks(Play(CHUNK, 12, 7))[:60]


def test_scenarios_and_policies_meet_the_same_firms(tmp_path: Path) -> None:
    base, down = asks(Play(CHUNK, 18, 7)), asks(Play(CHUNK, 18, 7, "downturn"))
    assert [(one.firm, one.on, one.score) for one in base] == [(one.firm, one.on, one.score) for one in down]
    dearer = played((changed(tmp_path, "underwriting.yaml", ("points: 430", "points: 530"), into="dearer.yaml"),))
    play = Play(80, 12, 7)
    shipped, other = run(play, SHIPPED), run(play, dearer)
    assert [row.firm for row in shipped.rows] == [row.firm for row in other.rows]
    assert tally(other).interest_minor > tally(shipped).interest_minor
    assert other.version != shipped.version


# --- what scenarios do ------------------------------------------------------------------------------------------------
def test_a_downturn_costs_more_and_cures_no_better() -> None:
    base, down = (tally(run(Play(200, 18, 7, one), SHIPPED)) for one in ("base", "downturn"))
    assert down.loss > base.loss and down.late > base.late and down.left_minor > base.left_minor


def test_j6_the_largest_partner_takes_only_what_lives_on_it_and_no_partner_carries_more_than_its_limit() -> None:
    supposed = assumed()
    base, hit = (chunk(Play(CHUNK, 18, 7, one), 0, supposed) for one in ("base", "top-partner-fails"))
    lost = base.net.sum(axis=1) - hit.net.sum(axis=1)
    tied = (base.partner == 0) & (base.tied > 0)
    assert tied.any() and (lost[tied] > 0).all() and (lost[~tied] == 0).all()
    told = tally(run(Play(200, 18, 7, "top-partner-fails"), SHIPPED))
    assert told.limit_on_one_buyer is not None and 0 < told.most_on_one_buyer <= told.limit_on_one_buyer
    assert told.lent_on_largest_minor > 0 and told.loss_on_largest_minor <= told.loss_minor


# --- policies ---------------------------------------------------------------------------------------------------------
def test_a_stricter_policy_approves_less_and_one_of_collections_moves_contacts_alone(tmp_path: Path) -> None:
    play = Play(150, 18, 7, "downturn")
    strict = changed(
        tmp_path, "underwriting.yaml", ('debt_service_up_to: "0.30"', 'debt_service_up_to: "0.10"'), into="strict.yaml"
    )
    # Nobody who is squeezed hears anything while the play lasts.
    steps = (("relief", 1), ("help_call", 5), ("letter", 31), ("visit", 45))
    swaps = [(f"{{name: {name}, day: {day},", f"{{name: {name}, day: {600 + day},") for name, day in steps]
    patient = changed(tmp_path, "collections.yaml", *swaps, into="patient.yaml")
    shipped, stricter, kinder = (tally(run(play, one)) for one in (SHIPPED, played((strict,)), played((patient,))))
    assert stricter.approved < shipped.approved
    assert (kinder.approved, kinder.lent_minor) == (shipped.approved, shipped.lent_minor)
    assert kinder.contacts_a_late_one < shipped.contacts_a_late_one


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [", "gone.yaml"), ("version: '1'\n", "underwriting"), ("grades: 3\n", "gone.yaml"), ("", "underwriting")],
)
def test_a_file_that_is_no_policy_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "gone.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError):
        book_of(played((path,)))
    told = ran("--firms", "10", "--policy", str(path))
    assert told.exit_code == 2 and "Traceback" not in told.output and said in told.output


def test_a_price_above_the_law_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    path = changed(tmp_path, "underwriting.yaml", ("points: 1160", "points: 2600"), into="dear.yaml")
    told = ran("--firms", "10", "--policy", str(path))
    assert told.exit_code == 2 and "at most 0.24" in told.output


def test_the_policy_that_the_documents_compare_is_the_shipped_one_but_for_three_limits() -> None:
    shipped = (POLICIES / "underwriting.yaml").read_text(encoding="utf-8").splitlines()
    careful = (DOCUMENTS / "careful.yaml").read_text(encoding="utf-8").splitlines()
    other = [new.split(":")[0].strip() for old, new in zip(shipped, careful, strict=True) if old != new]
    assert other == ["buyer_up_to", "debt_service_up_to", "debt_service_in_bad_months_up_to"]
    assert book_of(played((DOCUMENTS / "careful.yaml",))).policy(PRODUCT).debt_service_up_to == Decimal("0.20")
    for page in ("README.md", "README.en.md"):
        text = (DOCUMENTS / page).read_text(encoding="utf-8")
        command = next(line for line in text.splitlines() if line.startswith("huoshui twin"))
        told = CliRunner().invoke(main, [*command.split()[1:], "--help"])
        assert told.exit_code == 0 and "--seed 7" in command
        for drawn in re.findall(r"\((\w+/\w+\.svg)\)", text):
            assert (DOCUMENTS / drawn).is_file(), drawn


# --- the command ------------------------------------------------------------------------------------------------------
def ran(*args: str) -> Result:
    return CliRunner().invoke(main, ["twin", "--processes", "1", *args], standalone_mode=True)


def test_the_command_compares_two_policies_in_both_languages_and_draws_them(tmp_path: Path) -> None:
    path = changed(
        tmp_path, "underwriting.yaml", ('debt_service_up_to: "0.30"', 'debt_service_up_to: "0.20"'), into="strict.yaml"
    )
    args = ("--firms", "40", "--months", "12", "--policy", str(path), "--compare", "--plots", str(tmp_path / "drawn"))
    chinese, english = ran(*args, "--locale", "zh_CN"), ran(*args, "--locale", "en")
    assert chinese.exit_code == english.exit_code == 0, chinese.output
    for words in ("40 家模拟商户", "strict", "现行政策", "损失率", "逾期迁徙率", "¥0.00"):
        assert words in chinese.output
    for words in ("40 simulated firms", "policy in force", "Roll rates", "Realised annual rate P95"):
        assert words in english.output
    drawn = sorted((tmp_path / "drawn").glob("*.svg"))
    assert [one.stem for one in drawn] == ["annual", "book", "contacts", "rolls", "vintages"]
    for one in drawn:
        text = one.read_text(encoding="utf-8")
        assert ElementTree.parse(one).getroot().tag.endswith("svg")  # noqa: S314 (our own)
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "") and "<script" not in text


def test_json_tells_what_was_played_and_every_figure() -> None:
    told = ran("--firms", "60", "--months", "6", "--seed", "5", "--scenario", "downturn", "--json")
    (one,) = json.loads(told.output)
    assert one["play"] == {"firms": 60, "months": 6, "seed": 5, "scenario": "downturn"}
    assert one["policy"]["version"] and one["asked"] == 60 and one["ledger_sum_minor"] == 0
    assert {"rolls", "vintages", "annual", "contacts", "refused_for", "cap"} <= one.keys()


def test_the_same_policy_twice_is_no_comparison() -> None:
    told = ran("--firms", "10", "--compare")
    assert told.exit_code != 0 and "the same" in told.output
