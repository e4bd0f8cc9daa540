"""Which parts of the demonstration are played together."""

from ops.demo.journeys import ACTS, NUMBERS, acts_of, revenue_repays, small_loan_online


def test_all_journeys_are_all_parts_once_in_the_order_of_the_acts():
    assert acts_of(NUMBERS) == [[part for _, part in act] for act in ACTS]


def test_owners_of_one_act_apply_side_by_side():
    assert len(acts_of(NUMBERS)[0]) >= 3


def test_a_journey_that_goes_on_from_another_is_played_after_it():
    assert acts_of([5]) == [[small_loan_online], [revenue_repays]]


def test_a_journey_alone_is_its_own_parts():
    assert revenue_repays not in [part for act in acts_of([1]) for part in act]
