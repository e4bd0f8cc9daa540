"""The registers that are asked about an applicant: bureau (owner and firm), courts, company register.

All are asked at once. What answers is kept at once, sealed; what does not is asked again by the activity's retry, and
the verdict says which stayed silent.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from activities.allowing import given_by
from activities.ports.intake import Case
from activities.private import Owner, Private
from activities.steps import Step, Steps
from db import clocks, people, registers
from db.people import BUREAU_REPORT, LICENCE
from db.registers import Answer
from gateways.bureau import Bureau, CompanyReportOrder, ReportOrder
from gateways.courts import Courts, SearchOrder
from gateways.registry import ExtractOrder, Registry
from infra.crypto import PersonKey, Vault
from lending import consents
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.refusals import ConsentMissing
from lending.verdicts import RegisterState

OWNER, FIRM, COURTS, REGISTRY = "bureau", "company_report", "courts", "registry"
# What a consent has to name before a register is asked, and what the privacy centre calls the look.
SCOPES = {
    OWNER: "credit_report",
    FIRM: "company_credit_report",
    COURTS: "court_records",
    REGISTRY: "company_register",
}
SYSTEM = "system"


@dataclass(frozen=True)
class Facts:
    """What the registers said, as :class:`lending.verdicts.Ratios` names it, and the hash of each sealed answer.

    ``others``: keyed hashes of the credit codes of the representative's other firms.
    """

    ratios: dict[str, Any]
    hashes: dict[str, str]
    others: tuple[bytes, ...]
    guarantees_minor: int


class Registers:
    """Asks the registers, and reads what they said."""

    def __init__(
        self, steps: Steps, private: Private, vault: Vault, bureau: Bureau, courts: Courts, registry: Registry
    ) -> None:
        self._steps = steps
        self._private = private
        self._vault = vault
        self._bureau = bureau
        self._courts = courts
        self._registry = registry

    async def ask(self, case: Case) -> None:
        """One inquiry of each register that has not answered yet, under the consent in force; without one, none.

        Raises the first fault after all have had their turn: what answered is kept and not asked again.
        """
        ids = {name: derived_id(_namespace(name), str(case.cause)) for name in (OWNER, FIRM, COURTS, REGISTRY)}
        async with self._steps.sessions.begin() as session:
            clock, known = await clocks.read_beside(session, self._steps.clock_id, registers.kept(tuple(ids.values())))
            if len(known) == len(ids):
                return
            owner, key = await self._private.applicant(session, case.application_id)
            firm_name, licence = await self._private.firm_of_application(session, case.application_id, key)
            given = await given_by(session, owner.id)
            consent = consents.require(Purpose.BUREAU_QUERY, given, clock.now)
        questions = self._questions(owner, firm_name, licence, consent.text_hash, ids)
        # A consent whose words do not name courts or register is none to ask them: a person asks for a new one.
        questions = {name: question for name, question in questions.items() if consent.covers(SCOPES[name])}
        open_ones = [name for name in questions if ids[name] not in known]
        said = await asyncio.gather(*(questions[name]() for name in open_ones), return_exceptions=True)
        answers = [
            self._sealed(key, name, ids[name], answer)
            for name, answer in zip(open_ones, said, strict=True)
            if not isinstance(answer, BaseException)
        ]
        if answers:
            async with self._steps.sessions.begin() as session:
                await registers.keep(
                    session,
                    answers,
                    person_id=owner.id,
                    application_id=case.application_id,
                    consent_id=given[consent],
                    at=(now := await clocks.now(session, self._steps.clock_id)),
                )
                for answer in answers:
                    what, why = SCOPES[answer.source], Purpose.BUREAU_QUERY.value
                    await people.record_access(session, owner.id, at=now, actor=SYSTEM, what=what, purpose=why)
        for answer in said:
            if isinstance(answer, BaseException):
                raise answer

    def _questions(
        self, owner: Owner, firm_name: str | None, licence: str | None, consent_hash: str, ids: dict[str, UUID]
    ) -> dict[str, Callable[[], Awaitable[Any]]]:
        """What is asked of whom; a business without a licence stands in no register and has no report of its own."""
        report = ReportOrder(
            inquiry_id=str(ids[OWNER]), name=owner.name, id_number=owner.id_number, consent_hash=consent_hash
        )
        search = SearchOrder(
            inquiry_id=str(ids[COURTS]),
            name=owner.name,
            id_number=owner.id_number,
            firm_name=firm_name if licence else None,
            licence=licence,
        )
        asked: dict[str, Callable[[], Awaitable[Any]]] = {
            OWNER: lambda: self._bureau.report(report),
            COURTS: lambda: self._courts.search(search),
        }
        if licence:
            of_firm = CompanyReportOrder(
                inquiry_id=str(ids[FIRM]), name=firm_name or owner.name, licence=licence, consent_hash=consent_hash
            )
            extract = ExtractOrder(inquiry_id=str(ids[REGISTRY]), licence=licence, id_number=owner.id_number)
            asked[FIRM] = lambda: self._bureau.company_report(of_firm)
            asked[REGISTRY] = lambda: self._registry.extract(extract)
        return asked

    def _sealed(self, key: PersonKey, name: str, answer_id: UUID, answer: Any) -> Answer:
        text = json.dumps(asdict(answer), default=str)
        column = BUREAU_REPORT if name == OWNER else registers.ANSWER
        return Answer(answer_id, name, answer.reference, self._private.sealed(key, column, answer_id, text))

    async def _not_allowed(self, step: Step, licensed: bool) -> set[str]:
        """The registers that the consent in force does not name; all are named where there is none: then nobody was
        asked, and that is said elsewhere."""
        given = await given_by(step.session, step.application.person_id)
        living = [one for one in given if one.purpose is Purpose.BUREAU_QUERY and one.allows_at(step.now)]
        if not living:
            return set()
        consent = max(living, key=lambda one: one.given_at)
        wanted = (OWNER, COURTS, FIRM, REGISTRY) if licensed else (OWNER, COURTS)
        return {name for name in wanted if not consent.covers(SCOPES[name])}

    async def facts(self, step: Step, as_of: date) -> Facts:
        """What is known of the applicant from all registers; what did not answer is named silent.

        Answers that are kept are read only while they are allowed: :class:`lending.refusals.ConsentMissing`.
        """
        application = step.application
        if consents.ended(Purpose.BUREAU_QUERY, await given_by(step.session, application.person_id), step.now):
            raise ConsentMissing(purpose=Purpose.BUREAU_QUERY.value)
        said, sealed, licensed = await registers.answers(step.session, self._vault, application.id)
        barred = await self._not_allowed(step, licensed) - set(said)
        owner, firm = said.get(OWNER), said.get(FIRM)
        courts, entry = said.get(COURTS), said.get(REGISTRY)
        guarantees = sum(int(report.get("guarantees_minor", 0)) for report in (owner, firm) if report)
        ratios: dict[str, Any] = {
            "bureau_silent": owner is None and OWNER not in barred,
            "courts_silent": courts is None and COURTS not in barred,
            "company_report_silent": licensed and firm is None and FIRM not in barred,
            "register_silent": licensed and entry is None and REGISTRY not in barred,
            "registers_not_allowed": bool(barred),
            "guarantees_minor": guarantees,
        }
        if owner:
            ratios |= {
                "monthly_instalments_minor": owner["monthly_instalments_minor"],
                "current_overdue_minor": owner["current_overdue_minor"],
                "overdue_months_24": owner["overdue_months_24"],
                "overdue_run_24": owner.get("overdue_run_24", 0),
                "enquiries_90d": owner["enquiries_90d"],
            }
        if firm:
            ratios |= {
                "company_instalments_minor": firm["monthly_instalments_minor"],
                "company_overdue_minor": firm["current_overdue_minor"],
                "company_overdue_months_24": firm["overdue_months_24"],
                "company_overdue_run_24": firm["overdue_run_24"],
                "company_enquiries_90d": firm["enquiries_90d"],
            }
        ratios["dishonest"] = bool(owner and owner["dishonest"]) or bool(courts and courts["dishonest"])
        if courts:
            ratios |= {"enforced_minor": courts["enforced_minor"], "claims_minor": courts["claims_minor"]}
        if entry:
            ratios |= {
                "register_state": RegisterState(entry["state"]).value,
                "area": entry["area"] or "",
                "months_in_trade": _months_since(entry["established_on"], as_of),
            }
        others = tuple(self._vault.blind_index(LICENCE, code) for code in (entry or {}).get("others", ()))
        hashes = {name: sha256(answer).hexdigest() for name, answer in sorted(sealed.items())}
        return Facts(ratios, hashes, others, guarantees)


def _months_since(established_on: str | None, as_of: date) -> int | None:
    """Whole months since a firm was established; None where the register does not say."""
    if established_on is None:
        return None
    since = datetime.fromisoformat(established_on).date()
    months = (as_of.year - since.year) * 12 + as_of.month - since.month - (as_of.day < since.day)
    return max(0, months)


def _namespace(name: str) -> str:
    return "bureau-report" if name == OWNER else f"register-answer/{name}"
