import pytest

from lending.payment_modes import NamedPayee, PaymentMode, payment_mode
from lending.refusals import NotOnPaper, PayeeMissing

LIMIT = 50_000_000


@pytest.mark.parametrize(
    ("amount", "limit", "payee", "mode"),
    [
        (LIMIT, LIMIT, None, PaymentMode.SELF),
        (LIMIT + 1, None, None, PaymentMode.SELF),
        (1, LIMIT, NamedPayee(1), PaymentMode.ENTRUSTED),
        (LIMIT + 1, LIMIT, NamedPayee(LIMIT + 1), PaymentMode.ENTRUSTED),
        (1, 0, NamedPayee(5), PaymentMode.ENTRUSTED),
    ],
)
def test_p14_entrusted_or_self_payment_by_rule_as_data(
    amount: int, limit: int | None, payee: NamedPayee | None, mode: PaymentMode
) -> None:
    assert payment_mode(amount, limit, payee) is mode


def test_p14_above_the_limit_a_payee_is_named() -> None:
    with pytest.raises(PayeeMissing):
        payment_mode(LIMIT + 1, LIMIT, None)
    with pytest.raises(PayeeMissing):
        payment_mode(1, 0, None)


def test_p14_nothing_is_paid_that_no_paper_asks_for() -> None:
    with pytest.raises(NotOnPaper) as refused:
        payment_mode(101, LIMIT, NamedPayee(100))
    assert refused.value.params == {"covers_minor": 100}
