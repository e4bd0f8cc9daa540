"""What people type, and where they are sent."""

from decimal import Decimal

import pytest

from api.problems import BadFields, FieldError, WrongPassword
from lending.refusals import AmountOutOfRange, NotInThisStage, WrongCode
from web.asking import again, errors_of, figure, local, minor


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("80000", "80000"),
        ("80,000", "80000"),
        ("８００００", "80000"),
        (" ¥80 000 元", "80000"),
        ("8万", "80000"),
        ("12.5%", "12.5"),
        ("0.5", "0.5"),
        ("-3", "-3"),
    ],
)
def test_numbers_are_taken_as_people_type_them(typed: str, meant: str) -> None:
    assert figure(typed) == Decimal(meant)


@pytest.mark.parametrize("typed", ["", "abc", "1e9", "1.2.3", "NaN", "Infinity", "9" * 20, "٣٤", "--1", "1/2"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert figure(typed) is None


def test_an_amount_finer_than_a_fen_is_none() -> None:
    assert minor("80000.5") == 8_000_050
    assert minor("1.234") is None


@pytest.mark.parametrize("path", ["/progress", "/apply?amount=80000&months=12", "/loans/0193f1d2-6f4e"])
def test_our_own_paths_are_gone_to(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "",
        "/a\r\nSet-Cookie: x",
        "/" + "a" * 600,
    ],
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert local(path, "/here") == "/here"


def test_a_refusal_stands_beside_the_field_that_it_is_about() -> None:
    too_much = AmountOutOfRange(lowest_minor=500_000, highest_minor=30_000_000, currency="CNY")
    assert errors_of(too_much, "en") == {"amount": "The amount must be between ¥5,000.00 and ¥300,000.00."}
    assert list(errors_of(WrongCode(tries_left=3), "zh_CN")) == ["code"]
    assert list(errors_of(NotInThisStage(stage="offered", step="sign"), "zh_CN")) == [""]
    assert list(errors_of(WrongPassword(), "en")) == ["password"]


def test_several_wrong_fields_are_all_named_as_the_page_names_them() -> None:
    wrong = BadFields(fields=(FieldError("account_number", "missing"), FieldError("monthly_revenue", "too_small")))
    assert list(errors_of(wrong, "en")) == ["account", "revenue"]


def test_a_form_comes_back_with_what_was_typed_but_for_what_is_secret() -> None:
    class Reader:
        locale = "en"

    typed = {"login": "lin", "password": "hunter2hunter2", "code": "123456", "csrf": "c", "key": "k"}
    form = again("/x", typed, WrongPassword(), Reader(), ("password", "code"))  # type: ignore[arg-type]
    assert dict(form.values) == {"login": "lin"}
    assert form.key not in ("", "k")
