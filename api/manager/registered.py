"""What the registers were asked and said about an applicant: bureau, courts, company register, each with its time."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.views import RegisterFact, RegisterView
from db import registers
from db.tables import Application

# What each is asked, in the order of a page; those of a firm only where it has a licence.
OF_THE_OWNER, OF_A_FIRM = ("bureau", "courts"), ("company_report", "registry")
_REPORT = (
    "outstanding_minor", "monthly_instalments_minor", "current_overdue_minor", "overdue_months_24", "overdue_run_24",
    "enquiries_90d", "guarantees_minor", "dishonest",
)  # fmt: skip
FACTS: dict[str, tuple[str, ...]] = {
    "bureau": _REPORT,
    "company_report": _REPORT,
    "courts": ("dishonest", "enforced_cases", "enforced_minor", "open_claims", "claims_minor"),
    "registry": ("state", "established_on", "area", "others"),
}


async def told(session: AsyncSession, caller: Caller, application: Application) -> tuple[RegisterView, ...]:
    """Each register that had to be asked, the silent ones too. Raises :class:`db.people.Erased`."""
    found, licensed = await registers.entries(session, caller.tools.vault, application.id)
    return tuple(
        _view(source, found.get(source), application.currency)
        for source in (*OF_THE_OWNER, *(OF_A_FIRM if licensed else ()))
    )


def _view(source: str, entry: registers.Entry | None, currency: str) -> RegisterView:
    if entry is None:
        return RegisterView(source, None, None, None)
    facts = tuple(_facts(FACTS[source], entry.said, currency))
    return RegisterView(source, entry.reference, entry.consent_at, entry.received_at, facts)


def _facts(names: Iterable[str], said: dict[str, Any], currency: str) -> Iterable[RegisterFact]:
    for name in names:
        value = said.get(name)
        if value is None:
            continue
        if name.endswith("_minor"):
            yield RegisterFact(name.removesuffix("_minor"), amount_minor=int(value), currency=currency)
        elif isinstance(value, bool):
            yield RegisterFact(name, yes=value)
        elif name.endswith("_on"):
            yield RegisterFact(name, day=date.fromisoformat(str(value)[:10]))
        elif isinstance(value, list | tuple):
            yield RegisterFact(name, number=len(value))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, int):
            yield RegisterFact(name, number=value)
        else:
            yield RegisterFact(name, word=str(value))
