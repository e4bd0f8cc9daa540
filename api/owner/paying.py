"""Paying by oneself: where to, and what to write so that it finds its loan."""

from uuid import UUID

from api.caller import Caller
from api.owner import repaying
from api.problems import NotFound
from api.views.incoming import WaysToPay
from lending.incoming import reference_of

RAILS = ("bank", "wechat", "alipay")


async def ways(caller: Caller, loan_id: UUID) -> WaysToPay:
    """Our account, one's own reference, what is owed today."""
    seen = await repaying.loan(caller, loan_id)
    if seen.state != "live":
        raise NotFound
    ours = caller.tools.policies.lender
    return WaysToPay(
        loan_id=loan_id,
        reference=reference_of(seen.number),
        account=ours.account.number,
        holder=ours.account.holder,
        bank=ours.account.bank.zh_CN if caller.locale.startswith("zh") else ours.account.bank.en,
        rails=RAILS,
        owed_minor=seen.owed_today_minor,
        past_due_minor=seen.past_due_minor,
        currency=seen.currency,
    )
