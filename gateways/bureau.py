"""The credit bureau: one report per inquiry, only under a written consent (征信业管理条例 18)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """``consent_hash``: hex SHA-256 of the consent text that the person agreed to."""

    inquiry_id: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    consent_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyReportOrder:
    """The same for a firm, by its credit code (统一社会信用代码)."""

    inquiry_id: str
    name: str = field(repr=False)
    licence: str = field(repr=False)
    consent_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauReport:
    """Amounts in fen. ``overdue_months_24``: months of the last 24 with an overdue instalment, ``overdue_run_24`` the
    most of them in a row; ``enquiries_90d``: other lenders' loan-approval enquiries in 90 days; ``dishonest``: on the
    court's list of judgment debtors (失信被执行人); ``guarantees_minor``: what is guaranteed for others (对外担保);
    ``found``: False for a person without a record (白户)."""

    reference: str
    current_overdue_minor: int
    overdue_months_24: int
    enquiries_90d: int
    outstanding_minor: int
    monthly_instalments_minor: int
    dishonest: bool
    at: datetime
    found: bool = True
    overdue_run_24: int = 0
    guarantees_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyReport:
    """A firm's report, with the meanings of :class:`BureauReport`."""

    reference: str
    current_overdue_minor: int
    overdue_months_24: int
    overdue_run_24: int
    enquiries_90d: int
    outstanding_minor: int
    monthly_instalments_minor: int
    guarantees_minor: int
    at: datetime
    found: bool = True


@runtime_checkable
class Bureau(Protocol):
    async def report(self, order: ReportOrder) -> BureauReport:
        """Idempotent by ``inquiry_id``: one enquiry on the person's record however often it is asked.
        Raises GatewayUnavailable, GatewayRefused (malformed, no consent, or the id is taken)."""
        ...

    async def company_report(self, order: CompanyReportOrder) -> CompanyReport:
        """The same for a firm: one enquiry on the firm's record."""
        ...


class _AnyReportWords(Words):
    inquiry_id: str
    reference: str = Field(min_length=1, max_length=64)
    found: bool
    current_overdue_minor: int = Field(ge=0)
    overdue_months_24: int = Field(ge=0, le=24)
    overdue_run_24: int = Field(default=0, ge=0, le=24)
    enquiries_90d: int = Field(ge=0)
    outstanding_minor: int = Field(ge=0)
    monthly_instalments_minor: int = Field(ge=0)
    guarantees_minor: int = Field(default=0, ge=0)
    at: AwareDatetime


class _ReportWords(_AnyReportWords):
    dishonest: bool


class HttpBureau:
    """The bureau over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def report(self, order: ReportOrder) -> BureauReport:
        body = {
            "inquiry_id": order.inquiry_id,
            "name": order.name,
            "id_number": order.id_number,
            "consent_hash": order.consent_hash,
        }
        words = await ask(self._client, "bureau", "POST", "reports", _ReportWords, body=body, deadline=self._deadline)
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("bureau_answered_something_else")
        return BureauReport(**words.model_dump(exclude={"inquiry_id"}))

    async def company_report(self, order: CompanyReportOrder) -> CompanyReport:
        body = {
            "inquiry_id": order.inquiry_id,
            "name": order.name,
            "licence": order.licence,
            "consent_hash": order.consent_hash,
        }
        words = await ask(
            self._client, "bureau", "POST", "company-reports", _AnyReportWords, body=body, deadline=self._deadline
        )
        if words.inquiry_id != order.inquiry_id:
            raise GatewayUnavailable("bureau_answered_something_else")
        return CompanyReport(**words.model_dump(exclude={"inquiry_id"}))
