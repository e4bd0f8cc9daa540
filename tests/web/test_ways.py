"""The button of a way to a yes begins what can begin here, and promises nothing that is done elsewhere."""

from decimal import Decimal

import pytest

from api.views import WayView
from api.views.reason import Reason
from web.owner import dress
from web.views.parts import Form

ASK = Form("/apply/adjust", "a-key")


def way(*kinds: str, outcome: str = "approve") -> WayView:
    changes = tuple(Reason(kind, {}, kind) for kind in kinds)
    return WayView(changes, tuple("how" for _ in kinds), outcome, 5_000_000, 9, Decimal("0.0913"))


@pytest.mark.parametrize(
    ("kinds", "href", "post"),
    [
        (("smaller_amount",), "/apply/adjust", True),
        (("longer_term", "smaller_amount"), "/apply/adjust", True),
        (("more_history",), "/apply/flows", False),
        (("more_history", "smaller_amount"), "/apply/flows", False),
        (("clear_lines", "repay_loan"), "/apply/flows", False),
        (("add_invoices",), "/apply/flows", False),
        (("settle_overdue",), None, False),
        (("repay_loan", "fewer_large_buyers"), None, False),
    ],
)
def test_a_button_begins_what_can_begin_here(kinds: tuple[str, ...], href: str | None, post: bool) -> None:
    (shown,) = dress.ways((way(*kinds),), ASK)
    if href is None:
        assert shown.action is None
        return
    assert shown.action is not None
    assert (shown.action.href, shown.action.post) == (href, post)
    if post:  # what is asked for is what was proven: the amount and the months together
        assert shown.action.hidden == {"amount_minor": "5000000", "months": "9"}
        assert shown.action.key == "a-key"


def test_a_look_by_a_person_is_not_called_a_yes() -> None:
    sure, maybe = dress.ways((way("more_history"), way("more_history", outcome="review")), ASK)
    assert sure.result.key == "web.way.outcome.approve"
    assert maybe.result.key == "web.way.outcome.review"
