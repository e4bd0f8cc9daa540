"""Reasons in business words: only what the firm's own figure bears out."""

import numpy as np
import pytest

from scoring.catalogue import CATALOGUE, INDEX
from scoring.explanations import Reason, reasons


def told(**figures: float) -> list[str]:
    """The codes for a firm with these figures, where every one of them raised the risk by half."""
    return [reason.code for reason in explained(0.5, figures)]


def explained(weight: float, figures: dict[str, float]) -> tuple[Reason, ...]:
    contributions, features = np.zeros(len(CATALOGUE)), np.full(len(CATALOGUE), np.nan)
    for name, value in figures.items():
        contributions[INDEX[name]], features[INDEX[name]] = weight, value
    return reasons(contributions, features)


@pytest.mark.parametrize(
    ("name", "harmless", "harmful", "code"),
    [
        ("refund_rate", 0.0, 0.08, "many_refunds"),
        ("rent_delay", 0.2, 6.0, "rent_paid_late"),
        ("private_share", 0.0, 0.2, "high_private_spending"),
        ("loans_taken", 0.02, 1.4, "other_loans"),
        ("sales_trend", 0.05, -0.3, "sales_falling"),
        ("last_month", 0.0, -0.2, "weak_last_month"),
        ("unexplained_income", 0.004, 0.3, "unclear_income"),
        ("margin", 0.7, 0.1, "thin_margin"),
    ],
)
def test_a_harmless_figure_is_no_reason_against(name: str, harmless: float, harmful: float, code: str) -> None:
    assert told(**{name: harmless, "closed_days": 0.4}) == ["many_closed_days"]
    assert code in told(**{name: harmful, "closed_days": 0.4})


def test_a_fall_is_never_praised() -> None:
    praised = [reason.code for reason in explained(-0.5, {"sales_trend": -0.1, "refund_rate": 0.0})]
    assert praised == ["few_refunds"]


def test_there_is_always_a_reason() -> None:
    assert len(told(refund_rate=0.0)) == 1
