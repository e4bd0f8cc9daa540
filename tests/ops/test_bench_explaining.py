"""The bench of explanations measures firms that are declined, whole and bare; how fast, is never tested here."""

import pytest

from ops.bench import explaining


@pytest.mark.long
def test_a_figure_is_of_declined_firms_and_beside_a_bare_reading(monkeypatch) -> None:
    monkeypatch.setattr(explaining, "POPULATION", 400)
    monkeypatch.setattr(explaining, "MONTHS", 6)
    monkeypatch.setattr(explaining, "FIRMS", 3)
    monkeypatch.setattr(explaining, "LINES", 400)
    monkeypatch.setattr(explaining, "INVOICES", 30)
    middle, tail = explaining.measure({"counterfactual"}, 1)
    assert (middle.name, tail.name) == ("counterfactual-p50", "counterfactual-p95")
    assert middle.n == 3
    assert tail.bars == (explaining.HALF_A_SECOND,)
    assert middle.floor is not None
    assert 0 < middle.floor < middle.ours
    assert explaining.measure({"apr"}, 1) == []
