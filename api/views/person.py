"""The person: messages, permissions, settings."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from api.views.reason import Params, Reason


@dataclass(frozen=True, slots=True)
class PaperField:
    """One field of a photographed paper, as it was read. ``sure``: 0 to 1; ``checked``: its check digit agrees.

    ``chosen``: where it differs from what was typed, the owner's word: ``mine`` or ``photo``; None until they say.
    """

    name: str
    value: str = field(repr=False)
    sure: Decimal
    checked: bool | None = None
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityPaperView:
    """A photo of an identity card or a business licence; ``kind`` and ``fields`` once it was read."""

    id: UUID
    kind: str | None
    state: str
    problem: str | None
    fields: tuple[PaperField, ...] = field(repr=False)
    received_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that we sent or are sending. ``purpose``: why (told, news, reminder, demand, offer); ``because`` and
    ``not_before``: which rule of contact it waits for and until when, or for which it will never be sent."""

    id: UUID
    kind: str
    params: Params
    text: str
    state: str
    application_id: UUID | None
    created_at: datetime
    sent_at: datetime | None
    purpose: str
    because: str | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent that was given: what for, from where, which words, in which channel, and what proves it."""

    id: UUID
    purpose: str
    title: str
    source: str
    scope: tuple[str, ...]
    text_hash: str
    channel: str
    proof: Params
    given_at: datetime
    expires_on: date
    withdrawn_at: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class AccessView:
    """Somebody read something: who (a role, no name), what, why."""

    at: datetime
    actor: str
    what: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a person allowed and who looked; ``next`` is where the looks go on."""

    consents: tuple[ConsentView, ...]
    reads: tuple[AccessView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class DataRequestView:
    """A copy that was asked for: ``state`` is asked, ready, refused or expired; its link lives until ``expires_at``."""

    id: UUID
    kind: str
    state: str
    problem: str | None
    asked_at: datetime
    done_at: datetime | None
    expires_at: datetime | None
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class KeptView:
    """What stays after an erasure, by which law, until when."""

    what: str
    text: str
    law: str
    until: date


@dataclass(frozen=True, slots=True)
class ErasureView:
    """Whether one's data can be erased now, what stands in the way, and what would stay."""

    possible: bool
    reason: Reason | None
    kept: tuple[KeptView, ...]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser of one's own."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The person's settings."""

    phone_masked: str = field(repr=False)
    name: str | None = field(repr=False)
    locale: str
    large_type: bool
    offers_wanted: bool
    sessions: tuple[SessionView, ...]


@dataclass(frozen=True, slots=True)
class CommandView:
    """What became of something that was asked."""

    id: UUID
    name: str
    state: str
    stage: str | None
    version: int | None
    problem: str | None
    refusal: Reason | None
    created_at: datetime
    finished_at: datetime | None
