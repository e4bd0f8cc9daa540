"""One committed step of an application: its effects, its place in the story and its projection in one transaction.

A step is named by its cause. Done once, it is done: a second run of the same activity finds its line in the story and
answers with where the application stands.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.ports.intake import Standing
from db import applications, clocks, people
from db.clocks import Reading
from db.sessions import Sessions
from db.tables import Application
from lending.applications import RULES, Stage, advance
from lending.identifiers import derived_id


@dataclass
class Step:
    """An application under change; ``done`` says that this very step was committed before."""

    session: AsyncSession
    application: Application
    clock: Reading
    clock_id: str
    cause: UUID
    done: bool

    @property
    def now(self) -> datetime:
        """Business time."""
        return self.clock.now

    @property
    def stage(self) -> Stage:
        """Where the application stands."""
        return Stage(self.application.stage)

    async def tell(self, kind: str, *, actor: str = "system", **params: Any) -> None:
        """Write the step's line of the story; a step that tells several things gives each its own kind."""
        await applications.tell(
            self.session,
            self.application,
            event_id=self.event_id(kind),
            kind=kind,
            actor=actor,
            at=self.now,
            params=params,
        )

    async def look(self, what: str, purpose: str = "") -> None:
        """A program reads something of the owner's: told in the record that they see, with this application as its
        purpose unless another is given."""
        await people.record_access(
            self.session,
            self.application.person_id,
            at=self.now,
            actor=people.SYSTEM,
            what=what,
            purpose=purpose or f"application {self.application.number}",
        )

    async def notify(self, kind: str, **params: Any) -> None:
        """A message to the owner, once per cause."""
        await applications.notify_person(
            self.session,
            notice_id=derived_id("notice", f"{self.cause}/{kind}"),
            person_id=self.application.person_id,
            application_id=self.application.id,
            kind=kind,
            params=params,
            at=self.now,
        )

    def move(self, to: Stage, *, within: timedelta | None = None, until: datetime | None = None, **note: Any) -> None:
        """Go to the next stage: who acts now and by when follow from its rule, unless the step knows better."""
        advance(self.stage, to)
        rule = RULES[to]
        limit = within if within is not None else rule.answer_within
        self.application.stage = to.value
        self.application.waiting_for = rule.actor.value
        self.application.due_at = until or (self.now + limit if limit is not None else None)
        self.stay(**note)

    def stay(self, **note: Any) -> None:
        """A new version of the projection in the same stage; ``note`` replaces what the page should say besides."""
        self.application.note = note
        self.application.version += 1
        self.application.changed_at = self.now

    async def standing(self) -> Standing:
        """Where the application stands, with the wait noted for whoever moves the clock."""
        application = self.application
        if application.due_at is None:
            return Standing(stage=application.stage, version=application.version)
        await clocks.note_wait(
            self.session, self.clock_id, clocks.workflow_of("application", application.id), application.due_at
        )
        return Standing(
            stage=application.stage,
            version=application.version,
            due_at=application.due_at,
            seconds=self.clock.seconds_until(application.due_at),
        )

    def event_id(self, kind: str) -> UUID:
        """The id of this step's line of a kind."""
        return derived_id("timeline", f"{self.cause}/{kind}")


class Steps:
    """Opens steps: one transaction each, the application's row locked."""

    def __init__(self, sessions: Sessions, clock_id: str) -> None:
        self.sessions = sessions
        self.clock_id = clock_id

    @asynccontextmanager
    async def step(self, application_id: UUID, cause: UUID, *kinds: str) -> AsyncGenerator[Step]:
        """A step that tells one of ``kinds``: if one of them was told for this cause, the step is done."""
        async with self.sessions.begin() as session:
            application = await applications.locked(session, application_id)
            # Never in the statement that locks: after a wait for the lock it would still see what was before the wait.
            ids = [derived_id("timeline", f"{cause}/{kind}") for kind in kinds]
            clock, done = await clocks.read_beside(session, self.clock_id, applications.told(ids))
            step = Step(
                session=session,
                application=application,
                clock=clock,
                clock_id=self.clock_id,
                cause=cause,
                done=done,
            )
            yield step
