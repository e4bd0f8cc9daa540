"""What a decision rested on, as it is kept in its row, and the decision found again from it."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from db import decisions
from db.tables import Decision
from infra.storage import ObjectMissing, Storage
from lending.calendars import Jurisdiction
from lending.replaying import RULES, Found, found_again
from lending.verdicts import Ratios, Request, Score, ScoreReason, Verdict
from policies.kept import NotAPolicy, read
from scoring.catalogue import NAMES, VERSION
from scoring.model import Model


def basis_of(
    *,
    score: Score,
    request: Request,
    verdict: Verdict,
    plans: tuple[str, ...],
    series: tuple[int, ...] | int,
    as_of: date,
    jurisdiction: Jurisdiction,
    model_sha256: str | None,
    instead: str | None,
    registers: dict[str, str],
    left_out: tuple[str, ...] = (),
) -> dict[str, Any]:
    """All that the machine's answer follows from, beside the columns of the row, and that answer.

    ``instead``: why another model than the champion scored, None where none did.
    ``registers``: the hash of each register's sealed answer; ``series``: usual months of net revenue.
    ``left_out``: sources of evidence that the owner did not allow to be read.
    """
    return {
        "request": asdict(request),
        "score": _score_as_json(score),
        "series": list(series) if isinstance(series, tuple) else series,
        "as_of": as_of.isoformat(),
        "jurisdiction": jurisdiction.value,
        "features_version": VERSION,
        "rules": RULES,
        "model_sha256": model_sha256,
        "instead": instead,
        "registers": registers,
        "left_out": list(left_out),
        "found": _verdict_as_json(verdict),
        "plans": list(plans),
    }


@dataclass(frozen=True)
class Replayed:
    """One decision replayed; ``differs``: what is kept and what was found, empty where they are the same."""

    decision_id: UUID
    application_id: UUID
    differs: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "decision": str(self.decision_id),
            "application": str(self.application_id),
            "same": not self.differs,
            "differs": list(self.differs),
        }


@dataclass(frozen=True, slots=True)
class NoSuchModel:
    """Why a model of then is not to be had: ``file_altered``, ``file_missing``, ``other_version`` (the registry names
    another file under its id), ``not_registered`` or ``unreadable``; ``found`` is the hex SHA-256 of what is there."""

    why: str
    found: str | None = None


class Replay:
    """Replays decisions; keeps each model in memory for the next."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._models: dict[tuple[str, str | None], Model | NoSuchModel] = {}

    async def replay(self, session: AsyncSession, row: Decision) -> Replayed:
        """Find the decision again from its row, its policy and its model, and compare."""
        differs: list[dict[str, Any]] = []

        def compare(what: str, kept: object, found: object, why: str | None = None) -> None:
            if kept != found or why:
                differs.append({"what": what, "kept": kept, "found": found} | ({"why": why} if why else {}))

        def done() -> Replayed:
            return Replayed(row.id, row.application_id, tuple(differs))

        basis = row.basis
        if basis is None or row.policy_sha256 is None:
            compare("basis", None, "kept with every decision since it is replayed")
            return done()
        content = await decisions.policy_content(session, row.policy_sha256)
        try:
            policy = read(content or {}, row.policy_sha256)
        except NotAPolicy as problem:
            compare("policy", row.policy_sha256, str(problem))
            return done()
        compare("rules", basis.get("rules", RULES), RULES)
        score = _score(basis["score"])
        if row.model_id is not None:
            await self._score_again(session, row, basis, score, compare)
        found = found_again(
            score,
            Ratios(**row.ratios),
            policy,
            Request(**basis["request"]),
            scored=row.model_id is not None,
            series=basis["series"],
            as_of=date.fromisoformat(basis["as_of"]),
            jurisdiction=Jurisdiction(basis["jurisdiction"]),
        )
        self._compare_answers(row, basis, found, compare)
        if row.decided_by == "model":
            compare("offers", list(await decisions.offered(session, row.id)), list(found.plans))
        return done()

    def _compare_answers(self, row: Decision, basis: dict[str, Any], found: Found, compare: Any) -> None:
        answer = _verdict_as_json(found.verdict)
        kept: dict[str, Any] = basis["found"]
        for name in kept:
            compare(f"found.{name}", kept[name], answer[name])
        compare("plans", basis["plans"], list(found.plans) if row.decided_by == "model" else basis["plans"])
        columns = {
            "route": row.route,
            "route_reason": row.route_reason,
            "annual_rate": _text(row.annual_rate),
            "longest_months": row.longest_months,
        }
        if row.decided_by == "model":  # a person's answer is that person's; what the machine found stands beside it
            columns |= {"outcome": row.outcome, "limit_minor": row.limit_minor, "reasons": row.reasons}
        for name, value in columns.items():
            compare(name, value, answer[name])

    async def _score_again(
        self, session: AsyncSession, row: Decision, basis: dict[str, Any], score: Score, compare: Any
    ) -> None:
        """The stored model on the stored features: chance of default, grade and reasons."""
        compare("pd", _text(row.pd), _text(score.pd))
        compare("grade", row.grade, score.grade)
        compare("features_version", basis["features_version"], VERSION)
        if basis["features_version"] != VERSION:
            return
        model = await self._model(session, row.model_id or "", basis["model_sha256"])
        if isinstance(model, NoSuchModel):
            compare("model", basis["model_sha256"], model.found, model.why)
            return
        said = model.score(np.array([row.features.get(name) for name in NAMES], np.float64))
        compare("score.pd", _text(score.pd), _text(said.pd))
        again = [_reason_as_json(each.code, each.weight, each.params) for each in said.reasons]
        compare("score.reasons", basis["score"]["reasons"], again)
        if score.confidence > said.confidence:  # old bills may lower it, nothing raises it
            compare("score.confidence", _text(score.confidence), _text(said.confidence))

    async def _model(self, session: AsyncSession, model_id: str, expected: str | None) -> Model | NoSuchModel:
        """The model as it was, or why it is not to be had."""
        asked = (model_id, expected)
        if asked not in self._models:
            self._models[asked] = await self._load(session, model_id, expected)
        return self._models[asked]

    async def _load(self, session: AsyncSession, model_id: str, expected: str | None) -> Model | NoSuchModel:
        row = await decisions.model(session, model_id)
        if row is None:
            return NoSuchModel("not_registered")
        if row.sha256 != expected:
            return NoSuchModel("other_version", row.sha256)
        try:
            data = await self._storage.get(row.object_key)
        except ObjectMissing:
            return NoSuchModel("file_missing")
        if (digest := sha256(data).hexdigest()) != expected:
            return NoSuchModel("file_altered", digest)
        try:
            return Model.load(data, row.card)
        except (ValueError, KeyError, TypeError):  # its card is not the one of then, or no card of this version
            return NoSuchModel("unreadable", digest)


def _verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome.value,
        "limit_minor": verdict.limit_minor,
        "reasons": [{"code": str(reason.code), "params": dict(reason.params)} for reason in verdict.reasons],
        "grade": verdict.grade,
        "annual_rate": _text(verdict.annual_rate),
        "longest_months": verdict.longest_months,
        "route": verdict.route.value,
        "route_reason": verdict.route_reason,
    }


def _score_as_json(score: Score) -> dict[str, Any]:
    return {
        "pd": _text(score.pd),
        "grade": score.grade,
        "confidence": _text(score.confidence),
        "reasons": [_reason_as_json(each.code, each.weight, each.params) for each in score.reasons],
    }


def _reason_as_json(code: str, weight: Decimal, params: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {"code": code, "weight": _text(weight), "params": [list(pair) for pair in params]}


def _score(kept: dict[str, Any]) -> Score:
    reasons = tuple(
        ScoreReason(each["code"], Decimal(each["weight"]), tuple((name, value) for name, value in each["params"]))
        for each in kept["reasons"]
    )
    return Score(Decimal(kept["pd"]), kept["grade"], Decimal(kept["confidence"]), reasons)


def _text(value: Decimal | None) -> str | None:
    """A number by its value, however many zeros it was written with."""
    return None if value is None else f"{value.normalize():f}"
