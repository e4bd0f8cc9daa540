"""Lines as the model reads them."""

from db import reading
from imports.lines import Kind
from scoring import lines


def test_a_kind_of_line_is_the_same_number_in_every_room():
    assert {kind.name: getattr(lines, kind.name) for kind in Kind} == {kind.name: kind.value for kind in Kind}
    assert (reading.SALE, reading.REFUND, reading.PURCHASE) == (Kind.SALE, Kind.REFUND, Kind.PURCHASE)
