"""Who may value what: firms of a list, for the kinds and the days of their licence, and two of them for each kind."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lending.collateral import CollateralKind, Valuer
from lending.valuers import allowed, checked
from policies.book import load

BOOK = load()
FIRMS = BOOK.valuers
TODAY = date(2026, 11, 30)


def test_b4_each_kind_that_somebody_values_has_a_first_and_a_second_firm() -> None:
    for kind, one in BOOK.collateral.types.items():
        if one.valuer is not Valuer.MODEL:
            assert len(allowed(FIRMS, kind, TODAY)) >= 2, kind
    alone = [one for one in FIRMS if one.id != "jiangnan_storage"]
    with pytest.raises(ValueError, match="inventory needs two firms"):
        checked(alone, BOOK.collateral)


def test_a_licence_counts_for_its_kinds_and_until_its_last_day() -> None:
    land = next(one for one in FIRMS if one.id == "sunan_land")
    assert land.may_value(CollateralKind.REAL_ESTATE, land.valid_until)
    assert not land.may_value(CollateralKind.REAL_ESTATE, land.valid_until + timedelta(days=1))
    assert not land.may_value(CollateralKind.VEHICLE, TODAY)


@pytest.mark.parametrize("field", ["id", "licence"])
def test_a_firm_stands_on_the_list_once(field: str) -> None:
    twice = [*FIRMS, replace(FIRMS[0], **{"id": "other", "licence": "other", field: getattr(FIRMS[0], field)})]
    with pytest.raises(ValueError, match=f"this {field} stands here twice"):
        checked(twice, BOOK.collateral)


def test_whoever_looks_at_a_thing_copies_the_number_of_its_kind() -> None:
    numbers = {kind.value: one.number for kind, one in BOOK.collateral.types.items() if one.visit}
    assert numbers == {
        "real_estate": "certificate",
        "equipment": "serial",
        "inventory": "count_sheet",
        "vehicle": "frame",
    }
