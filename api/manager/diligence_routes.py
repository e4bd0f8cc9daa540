"""Reports, two people and what is owed to a case, as JSON; the package as a file."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.manager import duties, duty_package, investigating, reporting
from api.policy import MANAGER, MANAGER_DECIDES
from api.replies import one, shown
from api.routes import Router, attachment
from api.views import DutyView, FileLines, InvestigationView, ReportView
from api.wire import Input

router = Router(prefix="/v1/manager/customers/{application_id}", tags=["manager"])

Words = Annotated[str, StringConstraints(max_length=4_000)]


class ReportInput(Input):
    """What a person adds to the file's own sentences, by section."""

    words: Annotated[dict[str, Words], Field(max_length=len(reporting.SECTIONS))]


class PairInput(Input):
    """Who looks with whoever asks."""

    second_id: Annotated[UUID, Field(strict=False)]


class SignInput(Input):
    """Which version is signed."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@router.get("/report", policy=MANAGER, **one(ReportView))
async def report(call: Call, application_id: UUID, fresh: bool = False) -> Response:
    """The report that stands, or a draft; ``fresh``: the file as it is now."""
    return shown(await reporting.report(call, application_id, fresh=fresh))


@router.post("/report", policy=MANAGER_DECIDES, **one(ReportView))
async def keep(call: Call, application_id: UUID, body: ReportInput, key: Key) -> Response:
    """Keep a version under its hash."""
    return shown(await reporting.keep(call, application_id, body.words, key))


@router.get("/lines", policy=MANAGER, **one(FileLines))
async def lines(call: Call, application_id: UUID, month: Annotated[date, Query()]) -> Response:
    """The lines behind a month's figure; ``month``: any day of it."""
    return shown(await reporting.lines_of(call, application_id, month))


@router.get("/investigation", policy=MANAGER, **one(InvestigationView))
async def investigation(call: Call, application_id: UUID) -> Response:
    """Who looks into it, and who has signed."""
    return shown(await investigating.seen(call, application_id))


@router.post("/investigation", policy=MANAGER_DECIDES, **one(InvestigationView))
async def pair(call: Call, application_id: UUID, body: PairInput, key: Key) -> Response:
    """Take the lead and name the second."""
    return shown(await investigating.name(call, application_id, body.second_id, key))


@router.post("/investigation/sign", policy=MANAGER_DECIDES, **one(InvestigationView))
async def sign(call: Call, application_id: UUID, body: SignInput, key: Key) -> Response:
    """Sign the report that stands, for one's own part."""
    return shown(await investigating.sign(call, application_id, body.sha256, key))


@router.get("/duties", policy=MANAGER, **one(DutyView))
async def owed(call: Call, application_id: UUID) -> Response:
    """The lender's list for this case, gaps and all."""
    return shown(await duties.of_application(call, application_id))


@router.get("/duties/package", policy=MANAGER, response_model=None)
async def package(call: Call, application_id: UUID) -> Response:
    """All of it in one file, with times and hashes."""
    return attachment(await duty_package.package(call, application_id))
