"""A case as rows of fields, as the tables have it now: codes, counts, amounts in minor units and hashes.

No name, number or word of a person stands in a field: they are kept per employee, and compared, not read.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import (
    collateral,
    conditions,
    desk,
    documents,
    lines,
    offline,
    parties,
    people,
    reading,
    receivables,
    registers,
    talking,
)
from db.tables import Application, Decision
from lending.identifiers import derived_id

Fields = dict[str, str]
# Of a hash so much is enough to tell one file of a case from another.
SHORT = 8


async def fields_of(session: AsyncSession, application: Application) -> Fields:
    """Everything that a verdict on this application can rest on; ``around.*`` is what only stands around it."""
    found: Fields = {}
    _asked(found, application)
    await _evidence(session, application, found)
    await _verdict(session, application, found)
    await _others(session, application, found)
    await _around(session, application, found)
    return found


def _put(found: Fields, name: str, value: object) -> None:
    if value is not None and value != "":
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)


def _asked(found: Fields, application: Application) -> None:
    _put(found, "asked.amount_minor", application.amount_minor)
    _put(found, "asked.months", application.months)
    _put(found, "asked.share", application.share.normalize())
    _put(found, "asked.purpose", application.purpose)
    _put(found, "asked.declared_revenue_minor", application.declared_revenue_minor)
    if application.bank_account_id is not None:  # another account is another field's value; which, the row says
        _put(found, "asked.account", derived_id("case-account", str(application.bank_account_id)).hex[:SHORT])


async def _evidence(session: AsyncSession, application: Application, found: Fields) -> None:
    for file in await reading.files(session, application.id):
        _put(found, f"bill.{file.sha256[:SHORT]}", file.state)
    for paper in await documents.of_application(session, application.id):
        _put(found, f"paper.{paper.item}.{paper.sha256[:SHORT]}", paper.state)
    for kind, check in (await people.checks_of(session, application)).items():
        _put(found, f"check.{kind}", check.outcome)
    for task in await offline.of_application(session, application.id):
        result = (task.outcome or {}).get("result")
        _put(found, f"outside.{task.kind}.{task.id.hex[:SHORT]}", result or task.state)
    # The newest answer of each source, under its reference.
    for source, _, reference, _ in await registers.received(session, application.id):
        found[f"register.{source}"] = reference


async def _verdict(session: AsyncSession, application: Application, found: Fields) -> None:
    decided = await reading.decisions(session, application.id)
    if not decided:
        return
    newest: Decision = decided[0]
    _put(found, "verdict.outcome", newest.outcome)
    _put(found, "verdict.pd", newest.pd)
    _put(found, "verdict.grade", newest.grade)
    _put(found, "verdict.limit_minor", newest.limit_minor)
    _put(found, "verdict.model", newest.model_id)
    _put(found, "verdict.policy", newest.policy_version)
    codes = sorted({str(reason["code"]) for reason in newest.reasons})
    _put(found, "verdict.reasons", " ".join(codes))
    for name, value in sorted(newest.ratios.items()):
        _put(found, f"figure.{name}", _figure(value))
    findings: list[dict[str, Any]] = newest.findings or []
    for one in findings:
        found[f"finding.{one['rule']}"] = str(one["score"])


def _figure(value: object) -> object:
    return " ".join(str(part) for part in value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


async def _others(session: AsyncSession, application: Application, found: Fields) -> None:
    """Who else answers, what secures it, what is owed, and what rings."""
    for party in await parties.of_application(session, application.id):
        answers_for = "" if party.amount_minor is None else f" {party.amount_minor}"
        _put(found, f"party.{party.role}.{party.id.hex[:SHORT]}", f"{party.state}{answers_for}")
    line = await lines.of_application(session, application.id)
    if line is not None:
        for row in await receivables.of_line(session, line.id):
            _put(found, f"receivable.{row.id.hex[:SHORT]}", f"{row.state} {row.amount_minor}")
    for piece in await collateral.of_application(session, application.id):
        _put(found, f"collateral.{piece.id.hex[:SHORT]}", f"{piece.state} {piece.value_minor or ''}".strip())
    _put(found, "owed.person_minor", await reading.exposure(session, application.person_id))
    for sign in await desk.signs_of(session, application.person_id):
        found[f"warning.{sign.cause}"] = "open"


async def _around(session: AsyncSession, application: Application, found: Fields) -> None:
    said = [one for one in await talking.messages(session, application.id) if one.author == "owner"]
    _put(found, "around.messages", len(said) or None)
    for one in await conditions.of_application(session, application.id):
        _put(found, f"around.condition.{one.kind}.{one.id.hex[:SHORT]}", one.state)
