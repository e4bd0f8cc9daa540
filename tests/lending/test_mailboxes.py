"""账单直投: an address that is typed easily and guessed never, and what is not taken (P25)."""

from hypothesis import given
from hypothesis import strategies as st

from lending.applications import Stage
from lending.mailboxes import Mail, local_part, number_in, why_not_taken

SENDERS = ("tencent.com", "mail.alipay.com")
WECHAT = Mail("a1042xk7qd", "tencent.com", True)


@given(st.integers(1, 10**9), st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=5, max_size=5))
def test_an_address_names_its_application_whatever_case_it_is_typed_in(number: int, tag: str) -> None:
    local = local_part(number, tag)
    assert number_in(local) == number_in(f" {local.upper()} ") == (number, tag)


@given(st.text(max_size=12))
def test_what_is_no_mailbox_of_ours_names_nothing(local: str) -> None:
    found = number_in(local)
    assert found is None or local_part(*found) == local.strip().lower() or local.strip().lower().startswith("a0")


def test_p25_the_sender_is_checked_and_the_mailbox_closes_after_use() -> None:
    assert why_not_taken(WECHAT, Stage.EVIDENCE, SENDERS) is None
    assert why_not_taken(Mail("a", "pay.Tencent.com.", True), Stage.DECLINED, SENDERS) is None
    assert why_not_taken(Mail("a", "evil-tencent.com", True), Stage.EVIDENCE, SENDERS) == "sender_not_known"
    assert why_not_taken(Mail("a", "tencent.com", False), Stage.EVIDENCE, SENDERS) == "sender_not_proven"
    for stage in (Stage.DECIDING, Stage.REVIEW, Stage.SIGNING, Stage.FUNDED):
        assert why_not_taken(WECHAT, stage, SENDERS) == "mailbox_closed"
