"""Journey 4 over the public API, on the running service: pledged once, drawn on as far as it carries."""

import pytest

from ops.demo.receivable_journey import two_large_buyers
from ops.demo.town import Town
from tests.stories.test_first_journey import every_step_is_as_expected


@pytest.mark.long
async def test_d2_d3_a_confirmed_invoice_is_pledged_drawn_on_and_falls_with_a_credit_note(town: Town) -> None:
    every_step_is_as_expected(await two_large_buyers(town, print))
