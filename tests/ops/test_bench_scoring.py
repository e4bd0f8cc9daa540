"""The bench of scores measures firms with reasons, and peers whose sums lead to our features; never how fast."""

import numpy as np
import pytest

from ops.bench import aggregating, explaining, scoring


@pytest.mark.long
def test_one_firm_is_scored_with_reasons_by_trees_and_by_points_beside_a_bare_prediction(monkeypatch) -> None:
    monkeypatch.setattr(scoring, "POPULATION", 400)
    monkeypatch.setattr(scoring, "MONTHS", 6)
    monkeypatch.setattr(explaining, "POPULATION", 400)
    monkeypatch.setattr(explaining, "MONTHS", 6)
    monkeypatch.setattr(explaining, "FIRMS", 2)
    monkeypatch.setattr(explaining, "LINES", 400)
    monkeypatch.setattr(explaining, "INVOICES", 30)
    found = {figure.name: figure for figure in scoring.measure({"score-one"}, 1, lambda _: None)}
    assert list(found) == ["score-one-p50", "score-one-p95", "score-one-scorecard-p50", "score-one-scorecard-p95"]
    assert found["score-one-p95"].bars == (scoring.SIXTY,)
    assert found["score-one-p95"].n == 2 * scoring.ROUNDS
    assert "inplace_predict" in found["score-one-p95"].meaning
    assert all(figure.floor is not None and min(figure.floor, figure.ours) > 0 for figure in found.values())


def test_many_firms_are_read_beside_the_fastest_peer_there_is(monkeypatch) -> None:
    monkeypatch.setattr(scoring, "FIRMS", 60)
    monkeypatch.setattr(scoring, "LINES", 50)
    monkeypatch.setattr(scoring, "BATCH_ROUNDS", 1)
    monkeypatch.setattr(aggregating, "PEERS", {"pandas": aggregating.pandas, "nobody": aggregating.polars})
    rate, memory = scoring.measure({"score-batch"}, 1, lambda _: None)
    assert (rate.name, rate.unit, rate.n, rate.bars) == ("score-batch", "lines/s", 3_000, (scoring.HALF,))
    assert rate.meaning.startswith("pandas, the fastest of pandas: ")
    assert "nobody not installed" in rate.meaning
    assert memory.unit == "MB"
    assert memory.floor is not None
    assert min(memory.ours, memory.floor) > 30  # an interpreter with numpy is no less
    assert scoring.measure({"apr"}, 1, lambda _: None) == []


@pytest.mark.parametrize("name", ["pandas", "polars", "duckdb"])
def test_the_sums_of_a_peer_lead_to_our_features_and_other_sums_are_refused(name, monkeypatch) -> None:
    pytest.importorskip(name, reason=f"{name} is installed by make bench")
    lines, limit = scoring.crowd(40, 120, 3)
    limit[:10] -= 200  # some firms are judged by an earlier day: later lines count for nobody
    scoring.checked(name, lines, limit)
    peer = aggregating.PEERS[name]
    monkeypatch.setitem(aggregating.PEERS, name, lambda lines, limit: peer(lines, limit + 100))
    with pytest.raises(scoring.Differs, match=name):
        scoring.checked(name, lines, limit)


def test_a_crowd_has_so_many_lines_a_firm_in_order_of_time_and_the_same_by_seed() -> None:
    lines, limit = scoring.crowd(300, 20, 5)
    again, _ = scoring.crowd(300, 20, 5)
    assert np.bincount(lines["firm"]).tolist() == [20] * 300
    assert len(limit) == 300
    days = lines["day"].reshape(300, 20)
    assert (np.diff(days, axis=1) >= 0).all()
    assert all((lines[name] == again[name]).all() for name in lines)
