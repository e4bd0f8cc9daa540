"""A planted bias is found and named; differences of risk and of chance are not called bias."""

import numpy as np

from infra import i18n
from scoring.catalogue import CATALOGUE
from scoring.fairness import APPROVAL, LIMIT, PRICE, Cases, age_band, report, size_band, two_prices

TRADES = np.array(["catering", "retail", "services", "making"])
RATE = {"A": 0.055, "B": 0.065, "C": 0.08}


def cases(seed: int, count: int = 4_000, *, bias: str = "") -> Cases:
    """Decisions by grade alone; ``bias`` treats caterers worse in one way at the same grade."""
    rng = np.random.default_rng(seed)
    trade = TRADES[rng.integers(0, 4, count)]
    # Caterers are riskier: their grades are worse, which is no bias at the same grade.
    worse = np.where(trade == "catering", 0.25, 0.0)
    grade = np.array(["A", "B", "C"])[np.clip((rng.random(count) + worse) * 3, 0, 2.99).astype(int)]
    caterer = trade == "catering"
    chance = np.select([grade == "A", grade == "B"], [0.95, 0.85], 0.55)
    chance = np.where(caterer & (bias == APPROVAL), chance - 0.12, chance)
    price = np.array([RATE[one] for one in grade]) + np.where(caterer & (bias == PRICE), 0.01, 0.0)
    limit = np.exp(rng.normal(0.9, 0.3, count)) * np.where(caterer & (bias == LIMIT), 0.8, 1.0)
    return Cases(
        approved=rng.random(count) < chance,
        stratum=np.char.add("working_capital/12/", grade),
        price=price,
        limit=limit,
        groups={"trade": trade, "size": size_band(np.exp(rng.normal(11, 1, count)).tolist())},
    )


LEAST = {APPROVAL: 0.05, PRICE: 0.001, LIMIT: 0.10}


def named(found: Cases) -> set[tuple[str, str]]:
    return {(part.group, gap.measure) for part in report(found) for gap in part.gaps if gap.found(LEAST[gap.measure])}


def test_firms_that_differ_in_risk_alone_are_not_called_treated_differently() -> None:
    for seed in range(20):
        assert named(cases(seed)) == set()
        assert two_prices(cases(seed)) == []


def test_a_planted_bias_is_found_in_its_group_and_measure() -> None:
    for measure in (APPROVAL, PRICE, LIMIT):
        assert ("catering", measure) in named(cases(3, bias=measure)), measure
        # The mirror image shows in the others at the most; nothing is found in another measure.
        assert {found for _, found in named(cases(3, bias=measure))} == {measure}


def test_the_size_of_a_planted_bias_is_told_with_an_interval_that_holds_it() -> None:
    held = 0
    for seed in range(20):
        part = next(part for part in report(cases(seed, bias=LIMIT)) if part.group == "catering")
        gap = next(gap for gap in part.gaps if gap.measure == LIMIT)
        held += gap.low <= np.log(0.8) <= gap.high
    assert held >= 19


def test_the_same_terms_at_two_prices_are_listed() -> None:
    listed = two_prices(cases(3, bias=PRICE))
    assert [one.stratum for one in listed] == [f"working_capital/12/{grade}" for grade in "ABC"]
    assert listed[0].prices == (0.055, 0.065)


def test_a_handful_of_firms_is_no_group() -> None:
    found = cases(1, 200)
    labels = np.where(np.arange(200) < 10, "rare", "usual")
    few = Cases(found.approved, found.stratum, found.price, found.limit, {"trade": labels})
    assert report(few) == []
    nobody = Cases(np.zeros(0, bool), np.zeros(0, "U1"), np.zeros(0), np.zeros(0), {"trade": np.zeros(0, "U1")})
    assert report(nobody) == [] and two_prices(nobody) == []


def test_bands_say_what_an_owner_would() -> None:
    assert list(age_band([0.5, 1, 4.9, 30, float("nan")])) == ["under 1", "1 to 3", "3 to 5", "10 and more", ""]
    assert list(size_band([10_000, 50_000, 1e7])) == ["under 20k", "50k to 100k", "300k and more"]


# What a score must not know of a person; and where they are, which stands for it too often.
FORBIDDEN = frozenset(
    {
        "gender",
        "sex",
        "male",
        "female",
        "ethnic",
        "nation",
        "religion",
        "faith",
        "hukou",
        "household",
        "province",
        "city",
        "region",
        "county",
        "district",
        "area",
        "postcode",
        "latitude",
        "longitude",
        "address",
        "birthplace",
        "native",
        "surname",
        "marital",
        "pregnant",
        "id_number",
    }
)


SAID = {
    "zh_CN": ("性别", "男", "女", "民族", "宗教", "信仰", "籍贯", "户籍", "婚", "地区", "省", "城市"),
    "en": ("gender", "ethnic", "religio", "faith", "birthplace", "marital", "province", "region", "district"),
}


def test_no_feature_is_a_persons_sex_origin_faith_or_place() -> None:
    wrong = [f"{one.name} ({word})" for one in CATALOGUE for word in FORBIDDEN if word in one.name.split("_")]
    wrong += [f"{one.name}: group {one.group}" for one in CATALOGUE if str(one.group) in FORBIDDEN]
    for locale, words in SAID.items():
        told = {one.name: i18n.text(f"scoring.feature.{one.name}", locale) for one in CATALOGUE}
        wrong += [f"{name}: {text}" for name, text in told.items() if any(word in text.lower() for word in words)]
    assert not wrong, f"the score must not know this: {wrong}"
