"""The nightly look at the models: their files, the firms they meet, and whether their chances came true.

A champion whose calibration is broken hands over to the fallback by itself; two people put it back.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import literal
from sqlalchemy.ext.asyncio import AsyncSession

from activities.champion import Champion
from db import alarms, scoring_models, watching
from db.scoring_models import Post
from db.tables import ScoringModel
from db.watching import Figure
from infra.telemetry import gauge
from policies.care_shapes import CareFile
from scoring.catalogue import NAMES
from scoring.lines import Floats
from scoring.monitoring import SCORE, Calibration, Drift, by_grade, calibration, drifts

MEASURES = Decimal("0.000001")
CALIBRATION_BROKEN, SCORE_DRIFT = "calibration_broken", "score_drift"

drift_now = gauge("model_drift", "Population stability index of the score, by role", ("role",))
ratio_now = gauge("model_calibration_ratio", "Observed over expected defaults of ripened loans, by role", ("role",))
GRADE = "grade_"  # what the subject of a grade's figure begins with
standing_down = gauge("champion_stood_down", "1 while the fallback decides in the champion's place")


class ModelWatch:
    """Looks at every model at work, for a business day that is closed."""

    def __init__(self, champion: Champion, rules: CareFile) -> None:
        self._champion = champion
        self._rules = rules

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, int]:
        """Figures into ``model_watch``, alarms where they are due; counts of both. ``on`` is the day that closed."""
        changed = await self._champion.verify()
        bad = await watching.mark_bad(session, on, self._rules.calibration.bad_from_days_past_due)
        until = datetime.combine(on + timedelta(days=1), time(), UTC)
        since = until - timedelta(days=self._rules.drift.window_days)
        decided = await watching.decisions_since(session, since, until)
        matrix = np.array([[row[0].get(name) for name in NAMES] for row in decided], np.float64).reshape(-1, len(NAMES))
        posts, _ = await scoring_models.posts_beside(session, literal(None))
        raised = 0
        for post in posts:
            row = await session.get_one(ScoringModel, post.model_id)
            said = np.array([float(pd) if model == post.model_id else np.nan for _, pd, model, _ in decided])
            found = await self._drift(session, row, matrix, said, at)
            broken = await self._calibration(session, post, row.card, on, at, found)
            raised += broken + sum(figure.state == "alarm" for figure in found if figure.subject == SCORE)
            await watching.keep(session, post.model_id, on, found)
        standing_down.set(await scoring_models.is_stood_down(session))
        return {"decisions": len(decided), "files_changed": len(changed), "new_defaults": bad, "alarms": raised}

    async def _drift(
        self, session: AsyncSession, row: ScoringModel, matrix: Floats, said: Floats, at: datetime
    ) -> list[Figure]:
        """Features of all firms that came; the score of those that this model judged."""
        kept, rules = row.card.get("drift"), self._rules.drift
        if not kept:
            return []
        judged = np.isfinite(said)
        found = drifts(kept, NAMES, matrix, said)[1:]
        if judged.any():
            found.insert(0, drifts(kept, NAMES, matrix[judged], said[judged])[0])
        figures = [self._said(drift) for drift in found]
        score = figures[0] if figures and figures[0].subject == SCORE else None
        if score is not None and score.value is not None:
            drift_now.labels(row.role).set(float(score.value))
        if score is not None and score.state == "alarm":
            detail = {"psi": str(score.value), "bound": str(rules.psi_alarm), "firms": score.count}
            await _ring(session, SCORE_DRIFT, row.id, detail, at)
        return figures

    def _said(self, drift: Drift) -> Figure:
        rules = self._rules.drift
        state = "calm"
        if drift.firms < rules.least_decisions:
            state = "too_few"
        elif drift.psi > max(float(rules.psi_alarm), drift.noise):
            state = "alarm"
        elif drift.psi > max(float(rules.psi_watch), drift.noise):
            state = "watch"
        return Figure("drift", drift.subject, _kept(drift.psi), None, None, _kept(drift.noise), drift.firms, state)

    async def _calibration(
        self,
        session: AsyncSession,
        post: Post,
        card: Mapping[str, Any],
        on: date,
        at: datetime,
        found: list[Figure],
    ) -> bool:
        """Whether it is broken; a champion then stands down, if there is a fallback to hand over to."""
        rules = self._rules.calibration
        ripe = await watching.matured(session, post.model_id, on, rules.horizon_days)
        seen = calibration(np.array([float(pd) for pd, _ in ripe]), np.array([bad for _, bad in ripe], bool))
        broken = seen.broken(
            least=rules.least_matured, ratio_from=float(rules.ratio_from), ratio_to=float(rules.ratio_to)
        )
        found.append(_figure_of(seen, rules.least_matured, broken=broken))
        found += self._by_grade(card, ripe)
        if seen.loans:
            ratio_now.labels(post.role).set(seen.ratio)
        if not broken:
            return False
        detail = {
            "expected": str(_kept(seen.expected)),
            "observed": str(_kept(seen.observed)),
            "loans": seen.loans,
            "bad": seen.bad,
        }
        if post.role == "champion" and not post.stood_down:
            detail["stood_down"] = await scoring_models.stand_down(
                session, post.model_id, why=CALIBRATION_BROKEN, by="system:watch", at=at, detail=detail
            )
        await _ring(session, CALIBRATION_BROKEN, post.model_id, detail, at)
        return True

    def _by_grade(self, card: Mapping[str, Any], ripe: Sequence[tuple[Decimal, bool]]) -> list[Figure]:
        """The back test: what came of each of the model's grades beside the band that the grade stands for. Nothing
        stands down by it; a grade beside its band is watched."""
        bands = [(str(band["grade"]), float(band["pd_up_to"])) for band in card.get("grades", ())]
        pd, bad = np.array([float(pd) for pd, _ in ripe]), np.array([bad for _, bad in ripe], bool)
        figures: list[Figure] = []
        for one in by_grade(pd, bad, bands) if len(ripe) else ():
            few = one.seen.loans < self._rules.calibration.least_matured
            state = "too_few" if few else "watch" if one.outside else "calm"
            value, expected, low, high = (
                _kept(each) for each in (one.seen.observed, one.seen.expected, one.seen.low, one.seen.high)
            )
            subject = f"{GRADE}{one.grade}"
            figures.append(Figure("calibration", subject, value, expected, low, high, one.seen.loans, state))
        return figures


def _figure_of(seen: Calibration, least: int, *, broken: bool) -> Figure:
    state = "alarm" if broken else "too_few" if seen.loans < least else "calm"
    value, expected, low, high = (_kept(one) for one in (seen.observed, seen.expected, seen.low, seen.high))
    return Figure("calibration", "in_the_large", value, expected, low, high, seen.loans, state)


def _kept(value: float) -> Decimal | None:
    return Decimal(value).quantize(MEASURES) if np.isfinite(value) else None


async def _ring(session: AsyncSession, kind: str, model_id: str, detail: Mapping[str, object], at: datetime) -> None:
    await alarms.raise_alarm(session, kind=kind, object_kind="model", object_id=model_id, detail=dict(detail), at=at)
