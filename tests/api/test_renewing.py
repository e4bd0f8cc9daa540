"""An application that renews a loan, through the API: one's own live loan only, and offers say what is paid out."""

from typing import Any
from uuid import uuid4

from tests.api.conftest import WANTED
from tests.api.test_seeing import lent

__all__ = ["lent"]


async def test_i4_only_ones_own_live_loan_can_be_renewed(api: Any, lent: Any, database: Any) -> None:
    owner, application_id, loan_id = lent
    database.execute(f"update application set stage = 'funded' where id = '{application_id}'")
    stranger = await api.owner()
    assert (await stranger.post("/v1/applications", {**WANTED, "renews": str(loan_id)})).status_code == 404
    assert (await owner.post("/v1/applications", {**WANTED, "renews": str(uuid4())})).status_code == 404
    begun = await owner.post("/v1/applications", {**WANTED, "renews": str(loan_id)})
    assert begun.status_code in (201, 202)
    database.execute(f"update loan set state = 'closed', closed_on = now() where id = '{loan_id}'")
