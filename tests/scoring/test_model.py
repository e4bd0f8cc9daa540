"""The trained model: the same from the same seed, monotone, calibrated, explained, and refused when altered."""

import json
from decimal import Decimal

import numpy as np
import pytest

from scoring.candidates import SURELY
from scoring.catalogue import CATALOGUE, INDEX, NAMES
from scoring.evidence import Evidence
from scoring.explanations import GROUPS, grouped, reasons
from scoring.features import features_of, features_of_many
from scoring.lines import Lines
from scoring.model import Model, ModelRefused, confidence
from scoring.training import Trained, TrainingRefused, train
from scoring.wordings import REASON_CODES


@pytest.fixture(scope="module")
def other_model(trained):
    """The candidate that was not chosen."""
    return Model.load(trained.other.model_bytes, trained.other.card)


@pytest.fixture(scope="module")
def table(firms, evidence):
    return features_of_many(evidence, firms["firms"]["as_of"]).to_numpy()


def test_the_same_seed_gives_the_same_bytes_and_card(evidence, outcome, trained):
    again = train(evidence, outcome, 11, origin={"label": "a test"}, trained_on="2025-07-01")
    assert again.model_bytes == trained.model_bytes
    assert again.card == trained.card


@pytest.mark.long
def test_another_seed_gives_another_model(evidence, outcome, trained):
    other = train(evidence, outcome, 12, origin={"label": "a test"}, trained_on="2025-07-01")
    assert trees_of(other).model_bytes != trees_of(trained).model_bytes
    assert other.model_id != trained.model_id


def trees_of(trained: Trained) -> Trained:
    assert trained.other is not None
    return trained if trained.card["method"] == "trees" else trained.other


def test_both_candidates_are_kept_and_the_rule_that_chose_is_told(trained):
    other = trained.other
    assert other is not None
    assert {trained.card["method"], other.card["method"]} == {"trees", "scorecard"}
    choice = trained.card["choice"]
    assert choice["chosen"] == trained.card["method"]
    assert (choice["chosen"] == "trees") == (choice["auc_difference"] > SURELY * choice["standard_error"])
    assert trained.fallback is (other if trained.card["method"] == "trees" else None)
    assert Model.load(other.model_bytes, other.card).method == other.card["method"]


def test_the_card_says_what_the_model_is(trained):
    card = json.loads(json.dumps(trained.card))
    assert card["origin"] == {"label": "a test"}
    assert card["trained_on"] == "2025-07-01"
    assert tuple(card["features"]["names"]) == NAMES
    assert {"n", "bad", "auc", "auc_ci", "ks", "brier", "ece"} <= set(card["metrics"])
    assert sum(part["n"] for name, part in card["slices"].items() if name.startswith("trade")) == 750
    assert abs(sum(card["importance"].values()) - 1) < 0.01
    assert len(card["data_sha256"]) == len(card["model_sha256"]) == 64


def test_it_ranks_firms_that_it_never_saw(trained):
    assert trained.card["metrics"]["auc"] > 0.62
    assert trained.card["metrics"]["ece"] < 0.05


def test_stated_chances_add_up_to_the_defaults_seen(model, table, outcome):
    assert model.pd_of_many(table).mean() == pytest.approx(outcome["default"].mean(), abs=0.02)


@pytest.mark.parametrize("feature", [entry for entry in CATALOGUE if entry.risk], ids=lambda entry: entry.name)
def test_more_of_a_feature_never_moves_the_risk_against_its_direction(model, other_model, table, feature):
    rng = np.random.default_rng(5)
    position = INDEX[feature.name]
    known = table[:, position][np.isfinite(table[:, position])]
    low, high = np.quantile(known, [0.01, 0.99]) if len(known) else (-1.0, 1.0)
    base = table[rng.integers(0, len(table), 200)].copy()
    less, more = np.sort(rng.uniform(low, high, (2, 200)), axis=0)
    first, second = base.copy(), base.copy()
    first[:, position], second[:, position] = less, more
    for one in (model, other_model):
        moved = (one.pd_of_many(second) - one.pd_of_many(first)) * feature.risk
        assert moved.min() >= -1e-12, one.method


def test_a_score_is_decimal_with_four_places_a_grade_and_one_to_four_reasons(model, table):
    for row in table[:100]:
        scored = model.score(row)
        assert scored.pd.as_tuple().exponent == -4
        assert Decimal(0) < scored.pd < Decimal(1)
        assert scored.grade in "ABCDE"
        assert 1 <= len(scored.reasons) <= 4
        assert len({reason.code for reason in scored.reasons}) == len(scored.reasons)
        for reason in scored.reasons:
            assert reason.code in REASON_CODES
            assert (reason.weight > 0) == (reason.direction > 0)


def test_the_quick_chance_and_the_explained_one_agree(model, table):
    assert all(abs(model.pd(row) - model.score(row).pd) <= Decimal("0.0001") for row in table[:50])


def test_contributions_keep_their_sum_when_gathered_into_business_words():
    contributions = np.random.default_rng(3).normal(size=(5, len(NAMES)))
    words = grouped(contributions)
    assert words.shape == (5, len(GROUPS))
    assert np.allclose(words.sum(axis=1), contributions.sum(axis=1))


def test_what_raised_the_risk_comes_first_where_the_risk_is_high():
    contributions = np.zeros(len(NAMES))
    contributions[INDEX["refund_rate"]] = 0.5
    contributions[INDEX["loans_taken"]] = 0.9
    contributions[INDEX["margin"]] = -1.0
    found = reasons(contributions, np.full(len(NAMES), 0.25))
    assert [(reason.code, reason.direction) for reason in found] == [
        ("other_loans", 1),
        ("many_refunds", 1),
        ("good_margin", -1),
    ]
    assert dict(found[1].params) == {"figure": "25%"}


def test_a_firm_of_which_nothing_is_known_still_has_an_answer(model):
    scored = model.score(np.full(len(NAMES), np.nan))
    assert scored.confidence == 0
    assert scored.reasons


def test_removing_the_heaviest_cause_lowers_the_risk_more_than_a_random_one(model, table):
    """Faithful reasons: setting the named group to the usual firm's values helps more than another group does."""
    rng = np.random.default_rng(8)
    usual = np.array(
        [np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else np.nan for column in table.T]
    )
    groups = np.array([GROUPS.index(entry.group) for entry in CATALOGUE])
    risky = table[np.argsort(-model.pd_of_many(table))[:40]]
    named, random = [], []
    for row in risky:
        worst = int(np.argmax(_weights(model, row)))
        for group, gains in ((worst, named), (int(rng.choice([g for g in range(len(GROUPS)) if g != worst])), random)):
            changed = np.where(groups == group, usual, row)
            gains.append(float(model.pd_of_many(row[None])[0] - model.pd_of_many(changed[None])[0]))
    assert np.mean(named) > 3 * max(np.mean(random), 0.001)


def _weights(model: Model, row: np.ndarray) -> np.ndarray:
    return grouped(model.contributions(row.reshape(1, -1))[0])


def test_an_altered_file_is_refused(trained):
    altered = bytearray(trained.model_bytes)
    altered[len(altered) // 2] ^= 1
    with pytest.raises(ModelRefused, match="SHA-256"):
        Model.load(bytes(altered), trained.card)


def test_a_model_of_other_features_is_refused(trained):
    card = {**trained.card, "features": {**trained.card["features"], "names": list(NAMES[:-1])}}
    with pytest.raises(ModelRefused, match="other features"):
        Model.load(trained.model_bytes, card)


def test_a_file_that_is_no_model_is_refused(trained):
    import hashlib

    junk = b"not a model"
    with pytest.raises(ModelRefused, match="cannot be read"):
        Model.load(junk, {**trained.card, "model_sha256": hashlib.sha256(junk).hexdigest()})


def test_the_wrong_number_of_features_is_an_error(model):
    with pytest.raises(ValueError, match="features"):
        model.score(np.zeros(3))


def test_one_outcome_only_cannot_train(evidence, outcome):
    one = {**outcome, "default": np.zeros_like(outcome["default"])}
    with pytest.raises(TrainingRefused, match="same outcome"):
        train(evidence, one, 1, origin={}, trained_on="2025-07-01")


def test_a_feature_that_knows_the_answer_stops_the_training_and_is_named(evidence, outcome, table):
    planted = {
        **outcome,
        "default": table[:, INDEX["private_share"]] > np.nanquantile(table[:, INDEX["private_share"]], 0.9),
    }
    with pytest.raises(TrainingRefused, match="private_share"):
        train(evidence, planted, 1, origin={}, trained_on="2025-07-01")


def test_confidence_grows_with_months_and_falls_with_unclear_income(shop):
    def known(days: int) -> Decimal:
        rows = shop(days=days)
        return confidence(features_of(Evidence(Lines.from_rows(rows)), rows[0][0].date()))

    assert known(20) < known(95) < known(200) < known(364)
    assert known(95) >= Decimal("0.55")
    assert known(364) >= Decimal("0.95")
    clear = np.zeros(len(NAMES))
    clear[INDEX["months_covered"]] = 12
    unclear = clear.copy()
    unclear[INDEX["unexplained_income"]] = 1.0
    assert confidence(clear) - confidence(unclear) == Decimal("0.30")
