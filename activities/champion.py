"""The scoring models at work, in this process's memory: who decides, who stands in, who scores beside.

A file that is not the one that the registry names is refused: the fallback decides in its place, else the newest intact
shadow that was trained on the same firms. An alarm goes to the desk, and the decision says who made it and why. Without
any model a person decides; nothing is guessed.
"""

import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar, cast
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.asyncio import AsyncSession

from db import alarms, clocks, scoring_models
from db.scoring_models import Post
from db.sessions import Sessions
from db.tables import ScoringModel
from infra.storage import ObjectMissing, Storage
from infra.telemetry import counter
from scoring.catalogue import NAMES
from scoring.lines import Floats
from scoring.model import Model, Scored
from scoring.trials import takes

T = TypeVar("T")
log = structlog.get_logger(__name__)

# A refused file is looked at again after so long: somebody may have put the right one back.
LOOK_AGAIN = 60.0
MODEL_REFUSED = "model_refused"
refused = counter("models_refused", "Model files that were not loaded, by why", ("why",))
stood_in = counter("fallback_chosen", "Times that a model stood in for the champion, by why", ("why",))
STANDS_IN = ("fallback", "shadow")


class NoModel(Exception):
    """No model can be used: nothing can be decided by machine."""


class ModelChanged(Exception):
    """A model's file or card is not what the registry names; ``why`` says which."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Chosen:
    """The model that decides on one application, in which role, and who scores it beside.

    ``instead``: why the champion does not decide (``stood_down`` or why it was refused); None where nobody stands in.
    """

    model_id: str
    model: Model
    role: str
    beside: tuple[Post, ...] = ()
    instead: str | None = None


class Champion:
    """The models at work, each loaded once."""

    def __init__(self, sessions: Sessions, storage: Storage, clock_id: str) -> None:
        self._sessions = sessions
        self._storage = storage
        self._clock_id = clock_id
        self._loaded: dict[str, Model] = {}
        self._refused: dict[str, tuple[float, str]] = {}  # until when it is not looked at again, and why

    async def get(self, session: AsyncSession, application_id: UUID | None = None) -> Chosen:
        """Who decides. Raises :class:`NoModel`."""
        chosen = (await self.get_beside(session, literal(None), application_id))[0]
        if chosen is None:
            raise NoModel
        return chosen

    async def get_beside(
        self, session: AsyncSession, column: ColumnElement[T], application_id: UUID | None = None
    ) -> tuple[Chosen | None, T]:
        """:meth:`get`, and one value more in the same round trip; None where no model can be used."""
        posts, value = await scoring_models.posts_beside(session, column)
        for post in _in_order(posts, application_id):
            model = await self._model(session, post)
            if model is None:
                continue
            instead = self._why_not(posts) if post.role in STANDS_IN else None
            if instead is not None:
                stood_in.labels("stood_down" if instead == "stood_down" else "refused").inc()
            beside = tuple(one for one in posts if one is not post and one.role != "fallback")
            return Chosen(post.model_id, model, post.role, beside, instead), value
        return None, value

    async def score_beside(
        self, session: AsyncSession, chosen: tuple[Post, ...], features: dict[str, float | None]
    ) -> list[tuple[Post, Decimal]]:
        """What the models beside say of a firm; one that cannot be used says nothing."""
        row = np.array([features.get(name) for name in NAMES], np.float64)
        said: list[tuple[Post, Decimal]] = []
        for post in chosen:
            model = await self._model(session, post)
            if model is not None:
                said.append((post, model.pd(row)))
        return said

    async def warm(self) -> None:
        """Load them before the first applicant waits."""
        async with self._sessions.begin() as session:
            posts, _ = await scoring_models.posts_beside(session, literal(None))
            for post in posts:
                await self._model(session, post)

    async def verify(self) -> list[str]:
        """Read the file of every model at work again and raise the alarm for each that is not its own; their ids."""
        changed: list[str] = []
        async with self._sessions.begin() as session:
            posts, _ = await scoring_models.posts_beside(session, literal(None))
            for post in posts:
                try:
                    await self._file(await session.get_one(ScoringModel, post.model_id))
                except ModelChanged as no:
                    changed.append(post.model_id)
                    await self._alarm(post, no.why)
        return changed

    def _why_not(self, posts: tuple[Post, ...]) -> str:
        """Why the champion does not decide, as it was found on the way to whoever stands in."""
        champion = next((one for one in posts if one.role == "champion"), None)
        if champion is None:
            return "no_champion"
        return "stood_down" if champion.stood_down else self._refused[champion.model_id][1]

    async def _model(self, session: AsyncSession, post: Post) -> Model | None:
        if post.model_id in self._loaded:
            return self._loaded[post.model_id]
        until, _ = self._refused.get(post.model_id, (0.0, ""))
        if time.monotonic() < until:
            return None
        row = await session.get_one(ScoringModel, post.model_id)
        try:
            data = await self._file(row)
            model = await asyncio.to_thread(_read, data, row.card)
        except ModelChanged as no:
            self._refused[post.model_id] = time.monotonic() + LOOK_AGAIN, no.why
            await self._alarm(post, no.why)
            return None
        self._loaded[post.model_id] = model
        return model

    async def _file(self, row: ScoringModel) -> bytes:
        try:
            data = await self._storage.get(row.object_key)
        except ObjectMissing:
            raise ModelChanged("missing") from None
        if sha256(data).hexdigest() != row.sha256:
            raise ModelChanged("file_changed")
        if row.card_sha256 is not None and scoring_models.card_hash(row.card) != row.card_sha256:
            raise ModelChanged("card_changed")
        return data

    async def _alarm(self, post: Post, why: str) -> None:
        """In a transaction of its own: the alarm stays whatever becomes of the decision."""
        refused.labels(why).inc()
        log.error(MODEL_REFUSED, model_id=post.model_id, role=post.role, why=why)
        async with self._sessions.begin() as session:
            await alarms.raise_alarm(
                session,
                kind=MODEL_REFUSED,
                object_kind="model",
                object_id=post.model_id,
                detail={"role": post.role, "why": why},
                at=await clocks.now(session, self._clock_id),
            )


def _in_order(posts: tuple[Post, ...], application_id: UUID | None) -> list[Post]:
    """Who may decide on this application, the first choice first; ``posts`` come the newest first.

    A shadow steps in for a refused champion only: one that stood down lost to what became of its loans, which speaks
    against all that was trained on the same firms and that nobody named as the fallback.
    """
    by_role = {post.role: post for post in posts if post.role != "shadow"}
    champion, challenger = by_role.get("champion"), by_role.get("challenger")
    found: list[Post] = []
    if champion is not None and not champion.stood_down:
        share = challenger.share if challenger else None
        if challenger and share and application_id and takes(challenger.model_id, application_id, share):
            found.append(challenger)
        found.append(champion)
    if "fallback" in by_role:
        found.append(by_role["fallback"])
    if champion is not None and not champion.stood_down and champion.data is not None:
        found += [post for post in posts if post.role == "shadow" and post.data == champion.data]
    return found


def _read(data: bytes, card: dict[str, Any]) -> Model:
    try:
        return Model.load(data, card)
    except (ValueError, KeyError, TypeError) as error:  # a card without a key that this version needs is no card
        log.warning("model_unreadable", error=type(error).__name__)
        raise ModelChanged("unreadable") from None


class _Unscored:
    """Stands where no model can be used: the bills are still read, and their score is the worst one with no trust."""

    def score(self, features: Floats) -> Scored:
        """No opinion; whoever asks sends the case to a person."""
        return Scored(pd=Decimal("1.0000"), grade="E", confidence=Decimal("0.00"), reasons=())


UNSCORED = cast("Model", _Unscored())
