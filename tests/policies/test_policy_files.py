import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import policies
from lending.instalment_products import Scenario
from lending.products import RepaymentKind
from lending.refusals import OutsidePolicy, Refusal
from lending.schedules import Shape, schedule
from lending.seats import SeatRole
from lending.verdicts import PathKind
from lending.workbench import needs_two_people
from policies import PolicyError, load

PRODUCT = "products/revenue_linked_working_capital.yaml"
LAW = "jurisdictions/CN.yaml"
WAYS = "ways_to_yes.yaml"
TIERS = "risk_tiers.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    source = Path(policies.__file__).parent
    return Path(shutil.copytree(source, tmp_path / "policies", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def change(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (root / file).write_text(text.replace(old, new), encoding="utf-8")


def test_the_policy_in_force_is_what_the_files_say() -> None:
    book = load()
    product = book.product("revenue_linked_working_capital")
    assert product.repayment is RepaymentKind.REVENUE_SHARE
    assert (product.amounts.lowest_minor, product.amounts.highest_minor) == (500_000, 30_000_000)
    assert (product.months.shortest, product.months.longest) == (3, 24)
    assert (product.share.lowest, product.share.highest) == (Decimal("0.05"), Decimal("0.20"))
    assert product.price.day_rate == Decimal("0.0002")
    assert (book.release.fast_limit_minor, book.release.delay) == (5_000_000, timedelta(hours=2))
    assert book.policy(product.id).automatic_limit_minor == book.automatic_limit_minor == 10_000_000
    assert book.jurisdiction("CN").price_cap.bank == Decimal("0.24")
    assert book.lender.name.zh_CN
    assert book.jurisdiction("CN").regulator_phone == "12378"
    seats = {role.value for role in SeatRole}
    assert {"owner", "manager", "lead", "officer", "operations", "auditor"} | seats == set(book.roles)


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "said"),
    [
        (PRODUCT, 'annual_rate: "0.073"', "annual_rate: 0.073", "price.annual_rate", 'quoted text, "0.073"'),
        (
            PRODUCT,
            'annual_rate: "0.073"',
            'annual_rate: "0.2401"',
            "price.annual_rate",
            "CN allows a bank at most 0.24",
        ),
        (WAYS, "kind: clear_lines", "kind: win_the_lottery", "ways.2.kind", "smaller_amount"),
        (WAYS, "kind: clear_lines", "kind: longer_term", "", "each kind once"),
        (WAYS, "months: [1, 2, 3, 6, 9]", "months: [3, 2]", "ways.4", "from the least to the most"),
        (WAYS, "capabilities: [line_marks, invoice_lists]", "capabilities: [gold]", "capabilities.0", "invoice_pledge"),
        (WAYS, "product: revenue_linked_working_capital", "product: gold", "product", "unknown product 'gold'"),
        (PRODUCT, 'annual_rate: "0.073"', 'annual_rate: "NaN"', "price.annual_rate", "not a number"),
        (PRODUCT, 'annual_rate: "0.073"', 'anual_rate: "0.073"', "price.annual_rate", "missing"),
        (PRODUCT, "offer_valid_days: 7", "offer_valid_days: 7\ncolour: red", "colour", "unknown key; allowed: version"),
        (PRODUCT, "shortest: 3,", "shortest: 3, shorter: 2,", "months.shorter", "allowed: shortest, longest"),
        (PRODUCT, "shortest: 3,", "shortest: 30,", "months", "shortest ≤ longest"),
        (PRODUCT, "repayment: revenue_share", "repayment: barter", "repayment", "'revenue_share'"),
        (PRODUCT, "ACT/365", "ACT/366", "price.day_count", "'ACT/365', 'ACT/360'"),
        (PRODUCT, 'lowest: "5000.00"', 'lowest: "5000.001"', "amounts.lowest", "more decimals"),
        (PRODUCT, 'lowest: "5000.00"', 'lowest: "5000.50"', "amounts.step", "whole steps"),
        (
            PRODUCT,
            'prepayment_fee_rate: "0"',
            'prepayment_fee_rate: "0.01"',
            "price.prepayment_fee_rate",
            "forbids a fee",
        ),
        (PRODUCT, "offer_valid_days: 7", "offer_valid_days: 7\noffer_valid_days: 9", "", "stands twice"),
        (LAW, "jurisdiction: CN", "jurisdiction: XX", "jurisdiction", "'CN'"),
        (LAW, "lender_type: bank", "lender_type: pawnshop", "lender_type", "'bank', 'small_loan' or 'private'"),
        (LAW, 'bank: "0.24"', 'bank: "0.07"', "price.annual_rate", "at most 0.07"),
        (
            LAW,
            "max_tries_per_number_per_day: 6",
            "max_tries_per_number_per_day: 1",
            "contact.tries_per_number_per_day",
            "at most 1",
        ),
        (LAW, '["22:00", "08:00"]', '["20:30", "08:00"]', "contact.quiet_hours", "quiet from 20:30 to 08:00"),
        (LAW, '["22:00", "08:00"]', '["22:00", "10:00"]', "contact.quiet_hours", "quiet from 22:00 to 10:00"),
        (LAW, '["22:00", "08:00"]', "[22:00, 08:00]", "contact.quiet_hours.0", '"22:00"'),
        (LAW, "reasons_max: 4", "reasons_max: 3", "decline.reasons_max", "at most 3"),
        (TIERS, 'delayed, above: "50000.00"', "delayed, above: 50000", "tiers.1.above", "quoted"),
        (TIERS, "delay: PT0S", "delay: soon", "tiers.0.delay", "duration"),
        (TIERS, 'fast, above: "0.00"', 'fast, above: "1.00"', "tiers", "the first tier begins above nothing"),
        (TIERS, 'above: "200000.00"', 'above: "50000.00"', "tiers", "high: begins above delayed"),
        (TIERS, "delay: PT2H, factors: 2", "delay: PT1H, factors: 2", "tiers", "high: at least as strict as delayed"),
        (TIERS, "[account_shared]", "[full_moon]", "raised_by.0", "'account_shared'"),
        ("underwriting.yaml", "product: revenue", "product: other", "product", "unknown product 'other_linked"),
        ("underwriting.yaml", 'pd_up_to: "1"', 'pd_up_to: "0.9"', "grades", "the last is 1"),
        (
            "underwriting.yaml",
            "outcome: review",
            "outcome: perhaps",
            "grades.3.outcome",
            "'approve', 'review' or 'decline'",
        ),
        ("underwriting.yaml", "points: 430", "points: 3000", "grades", "B: annual_rate: not better than that of A"),
        ("underwriting.yaml", "months: 18,", "months: 30,", "grades", "C: longest_months: from 3 to 24"),
        ("underwriting.yaml", "points: 430", 'fixed_rate: "0.07", points: 1', "grades.0.price", "either fixed_rate"),
        ("underwriting.yaml", "points: 430", "points: 430, bp: 1", "grades.0.price.bp", "unknown key"),
        ("underwriting.yaml", "[abnormal,", "[strange,", "hard_rules.register_states_not_served.0", "'abnormal'"),
        ("underwriting.yaml", "above: review", "above: approve", "exposure", "review or decline"),
        ("underwriting.yaml", "[property,", "[stock,", "eligibility.forbidden_purposes", "stock: among the purposes"),
        ("underwriting.yaml", "kinds: [company,", "kinds: [state,", "eligibility.kinds.0", "'company', 'sole_trader'"),
        ("underwriting.yaml", 'areas: ["11",', 'areas: ["Beijing",', "hard_rules.areas.0", "pattern"),
        (
            "underwriting.yaml",
            'trade_up_to: "0.30"',
            'trade_up_to: "1.30"',
            "exposure.trade_up_to",
            "less than or equal",
        ),
        ("underwriting.yaml", "[little_is_known,", "[mood,", "manual_reasons.0", "'dishonest_list'"),
        ("underwriting.yaml", "grades: [C, D], above", "grades: [C, Z], above", "guarantors", "no such grade: Z"),
        ("workbench.yaml", "[receivable_line]", "[gold]", "two_people.products", "unknown product 'gold'"),
        ("diligence.yaml", "looked_up: false", "looked_up: perhaps", "looked_up", "boolean"),
        ("roles.yaml", "close.run, rec", "close.run, task.decide, rec", "", "never together"),
        ("roles.yaml", "representative: [firm.read]", "representative: [firm.read, own.sign]", "", "no seat may"),
        (
            "evidence_profiles.yaml",
            "guarantor: {checks: [network, liveness]}",
            "guarantor: {checks: [network]}",
            "parties.guarantor",
            "always checked",
        ),
    ],
)
def test_a_wrong_file_stops_the_start_and_says_where(
    root: Path, file: str, old: str, new: str, key: str, said: str
) -> None:
    change(root, file, old, new)
    with pytest.raises(PolicyError) as error:
        load(root=root)
    assert error.value.key == key
    assert said in error.value.problem
    assert str(error.value).startswith(error.value.file)


@pytest.mark.parametrize("gone", [PRODUCT, LAW, "lender.yaml", "limits.yaml", "underwriting.yaml", "roles.yaml"])
def test_a_missing_file_is_named(root: Path, gone: str) -> None:
    (root / gone).unlink()
    with pytest.raises(PolicyError, match=r"no such file|unknown product"):
        load(root=root)


def test_p33_every_product_says_above_which_amount_two_people_look_into_it(root: Path) -> None:
    book = load(root=root)
    assert all(needs_two_people(book.two_people, name, 10**10) for name in book.products)
    assert needs_two_people(book.two_people, "receivable_line", 30_000_001), "receivable lines too"
    assert not needs_two_people(book.two_people, "receivable_line", 30_000_000)
    change(root, "workbench.yaml", '  - {products: [receivable_line], above: "300000.00"}\n', "")
    rules = load(root=root).two_people
    assert needs_two_people(rules, "receivable_line", 25_000_001), "what no rule names has the one for all others"
    assert not needs_two_people(rules, "receivable_line", 25_000_000)


def test_what_is_no_yaml_is_refused(root: Path) -> None:
    for text in (b"a: [", b"- 1", b"\xff\xfe"):
        (root / "roles.yaml").write_bytes(text)
        with pytest.raises(PolicyError, match=r"^roles\.yaml"):
            load(root=root)


def test_a_version_comes_into_force_on_its_day(root: Path) -> None:
    dearer = (root / PRODUCT).read_text(encoding="utf-8")
    dearer = dearer.replace('"0.073"', '"0.0876"').replace("2026-01-01", "2027-01-01").replace('"2026.1"', '"2027.1"')
    (root / "products/revenue_linked_working_capital@2027.yaml").write_text(dearer, encoding="utf-8")
    name = "revenue_linked_working_capital"
    before, after = load(date(2026, 12, 31), root), load(date(2027, 1, 1), root)
    assert (before.product(name).version, after.product(name).version) == ("2026.1", "2027.1")
    assert before.version != after.version
    assert load(root=root).product(name).price.annual_rate == Decimal("0.0876")
    with pytest.raises(PolicyError, match="no version is in force on 2025-12-31"):
        load(date(2025, 12, 31), root)


def test_a_grade_is_priced_by_the_index_and_never_above_the_cap(root: Path) -> None:
    rates = {rule.grade: rule.annual_rate for rule in load().policy("revenue_linked_working_capital").grades}
    assert (rates["A"], rates["D"]) == (Decimal("0.073"), Decimal("0.146"))
    before = load(date(2026, 12, 31), root).policy("revenue_linked_working_capital").prices()
    text = (root / "underwriting.yaml").read_text(encoding="utf-8")
    (root / "underwriting.yaml").write_text(text.replace("points: 1160", "points: 2101"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"D: 0\.2401 a year, and CN allows a bank at most 0\.24"):
        load(root=root)
    assert before == (Decimal("0.073"), Decimal("0.146"))


def test_two_versions_of_one_day_are_refused(root: Path) -> None:
    shutil.copy(root / "limits.yaml", root / "limits@again.yaml")
    with pytest.raises(PolicyError, match="both begin on 2026-01-01"):
        load(root=root)


def test_any_changed_value_is_another_version(root: Path) -> None:
    before = load(root=root).version
    change(root, "limits.yaml", "reading_seconds: 10", "reading_seconds: 11")
    after = load(root=root)
    assert (after.version == before, after.key_facts_seconds) == (False, 11)


def test_unknown_names_are_answered_with_the_known(root: Path) -> None:
    book = load()
    for ask in (lambda: book.product("x"), lambda: book.policy("x")):
        with pytest.raises(PolicyError, match="known: revenue_linked_working_capital"):
            ask()
    with pytest.raises(PolicyError, match="known: CN"):
        book.jurisdiction("US")


# --- products with dates, calendars, indices --------------------------------------------------------------------------
DATED = "instalment_products/instalment_loan.yaml"
COLLATERAL = "instalment_products/collateral_loan.yaml"


def test_every_scenario_has_a_product_and_its_schedule() -> None:
    book = load()
    start, calendar = date(2026, 1, 15), book.calendars["CN"]
    for product in book.instalment_products.values():
        for shape in product.shapes:
            months = product.months.longest
            weights = (1, 5) * (months // 2) if shape is Shape.WEIGHTED else ()
            plan = product.plan(
                amount_minor=product.amounts.lowest_minor,
                months=months,
                shape=shape,
                start=start,
                indices=book.indices,
                calendar=calendar,
                weights=weights,
            )
            rows = schedule(plan).rows()
            assert sum(row.principal_minor for row in rows) == product.amounts.lowest_minor
            assert all(calendar.is_business_day(row.due_on) for row in rows)
    assert {product.scenario for product in book.instalment_products.values()} == set(Scenario)


def test_the_price_follows_the_published_index() -> None:
    name = "instalment_loan"
    before, after = load(date(2026, 2, 1)), load()
    assert before.instalment_product(name).price.rate(before.indices) == Decimal("0.0620")
    assert after.indices == {"LPR1Y": Decimal("0.0300"), "LPR5Y": Decimal("0.0350")}
    with pytest.raises(OutsidePolicy, match="LPR1Y"):
        before.instalment_product(name).price.rate({})


def test_what_a_product_with_dates_does_not_allow_is_refused() -> None:
    book = load()
    seasonal = book.instalment_product("seasonal_loan")

    def plan(**changed: object):
        choice = {"amount_minor": 1_000_000, "months": 6, "shape": Shape.WEIGHTED, "start": date(2026, 1, 15)}
        return seasonal.plan(**(choice | {"indices": book.indices, "weights": (1, 5, 5, 5, 1, 1)} | changed))  # type: ignore[arg-type]

    assert plan().weights == (1, 5, 5, 5, 1, 1)
    for changed in ({"weights": (1, 6, 6, 6, 1, 1)}, {"shape": Shape.BULLET}, {"months": 25}, {"amount_minor": 1}):
        with pytest.raises(Refusal):
            plan(**changed)


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "said"),
    [
        (DATED, "points: 320", "points: 2000", "price", "and CN allows a bank at most 0.24"),
        (
            DATED,
            "index: LPR1Y, points: 320",
            'fixed_rate: "0.06", index: LPR1Y',
            "price",
            "either a fixed rate or an index",
        ),
        (DATED, 'late_factor: "1.5"', 'late_factor: "1.6"', "lateness.late_factor", "from 1 to 1.5"),
        (DATED, 'misuse_factor: "2"', 'misuse_factor: "1.2"', "lateness.misuse_factor", "from the late factor"),
        (DATED, 'prepayment_fee_rate: "0"', 'prepayment_fee_rate: "0.01"', "prepayment_fee_rate", "forbids a fee"),
        (DATED, "revolving: false", "revolving: true", "revolving", "a line is"),
        (DATED, "shapes: [equal_instalments,", "shapes: [pyramid,", "shapes.0", "'equal_instalments'"),
        (DATED, "day_rule: following", "day_rule: whenever", "day_rule", "'none', 'following'"),
        (
            COLLATERAL,
            "payee: valuer, borne_by: lender",
            "payee: valuer, borne_by: borrower",
            "fees.valuation",
            "the lender bears it",
        ),
        (COLLATERAL, ', advance_rate: "0.7"', "", "payout.advance_rate", "for order, receivable and collateral"),
        ("calendars/CN.yaml", '"02-15", "02-16"', '"02-15", "02-30"', "holidays.2024", "02-30 is no day"),
        (
            "calendars/CN.yaml",
            "published_until: 2026",
            "published_until: 2025",
            "holidays.2026",
            "later than published_until",
        ),
        ("indices/LPR1Y.yaml", "index: LPR1Y", "index: SHIBOR", "index", "'LPR1Y' or 'LPR5Y'"),
    ],
)
def test_a_wrong_dated_file_says_where(root: Path, file: str, old: str, new: str, key: str, said: str) -> None:
    test_a_wrong_file_stops_the_start_and_says_where(root, file, old, new, key, said)


def test_what_owners_are_told_to_do_is_the_file_and_nothing_that_does_not_exist() -> None:
    ways = load().policy("revenue_linked_working_capital").ways
    assert {way.kind for way in ways.kinds} == {kind.value for kind in PathKind}
    missing = [way.kind for way in ways.kinds if ways.way(way.kind) is None]
    assert missing == [way.kind for way in ways.kinds if way.needs and way.needs not in ways.capabilities]
    assert missing == [PathKind.PLEDGE_INVOICES]
    assert [way.effort for way in ways.kinds] == sorted(way.effort for way in ways.kinds)


def test_no_product_lends_more_than_a_visit_is_asked_for_without_one_but_for_what_buyers_owe() -> None:
    """The dodge of a visit is another product of the same size; what buyers owe is looked at by their confirmations."""
    book = load()
    unseen = {
        product.id
        for product in book.products.values()
        if product.amounts.highest_minor > 20_000_000
        and "visit" not in {kind.id for kind in book.offline.asked_of(product.id, product.amounts.highest_minor)}
    }
    assert unseen == {"receivable_line"}
