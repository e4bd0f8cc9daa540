"""A reason is the cause: taking it away lowers the risk more than taking away something else."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from scoring import explanations
from scoring.catalogue import INDEX, NAMES
from scoring.faithfulness import faithfulness, usual_good_firm
from scoring.features import features_of_many
from scoring.lines import Floats
from scoring.model import Model
from scoring.wordings import GROUP_OF_CODE, WORDINGS

SEED = 5


@pytest.fixture(scope="module")
def table(evidence, outcome) -> tuple[Floats, np.ndarray]:
    matrix = features_of_many(evidence, outcome["as_of"]).to_numpy(np.float64)
    return matrix, outcome["default"].astype(bool)


def measured(model: Any, table: tuple[Floats, np.ndarray]) -> dict[str, Any]:
    matrix, bad = table
    return faithfulness(model.pd_of_many, model.contributions, matrix, usual_good_firm(matrix, bad), SEED)


def test_the_first_reason_is_the_cause(model: Model, table: tuple[Floats, np.ndarray]) -> None:
    found = measured(model, table)
    assert found["n"] >= 50
    assert found["interval"][0] > 0.02
    assert found["share"] >= 0.80
    assert found["fall"] > 2 * found["fall_random"]


def test_a_wrong_grouping_is_found_out(
    model: Model, table: tuple[Floats, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanations, "_GROUP_OF", np.roll(explanations._GROUP_OF, 7))
    found = measured(model, table)
    assert found["interval"][0] < 0.02 or found["share"] < 0.80


@dataclass
class Linear:
    """A model whose contributions add up to its log-odds, like a scorecard's."""

    weights: Floats

    def contributions(self, matrix: Floats) -> Floats:
        return np.nan_to_num(matrix) * self.weights

    def pd_of_many(self, matrix: Floats) -> Floats:
        return 1 / (1 + np.exp(3 - self.contributions(matrix).sum(axis=1)))


def test_it_holds_for_a_linear_model_too() -> None:
    rng = np.random.default_rng(1)
    weights = np.zeros(len(NAMES))
    for name, weight in (("refund_rate", 30), ("rent_delay", 0.3), ("private_share", 8), ("loans_taken", 1)):
        weights[INDEX[name]] = weight
    matrix = np.abs(rng.normal(0.1, 0.1, (600, len(NAMES))))
    matrix[:, INDEX["rent_delay"]] = np.abs(rng.normal(3, 2, 600))
    model = Linear(weights)
    bad = rng.random(600) < model.pd_of_many(matrix)
    found = measured(model, (matrix, bad))
    assert found["share"] >= 0.90
    assert found["interval"][0] > 0


def test_the_card_states_it(trained) -> None:
    told = trained.card["faithfulness"]
    assert told["n"] == 75
    assert told["interval"][0] <= told["difference"] <= told["interval"][1]
    assert 0.5 < told["share"] <= 1


def test_few_firms_state_no_share(model: Model, table: tuple[Floats, np.ndarray]) -> None:
    matrix, bad = table
    found = measured(model, (matrix[:100], bad[:100]))
    assert found["share"] is None
    assert found["why"] == f"too few firms of high risk with a reason to try it on: {found['n']}, and 20 are needed"


def test_every_code_belongs_to_one_group() -> None:
    assert len(GROUP_OF_CODE) == 2 * len(WORDINGS)
