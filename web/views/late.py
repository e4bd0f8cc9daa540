"""The pages of a loan past due: its owner's, and the desk's."""

from dataclasses import dataclass
from uuid import UUID

from api.views.late import CallLine, CaseLine, LateView
from web.views.parts import Form


@dataclass(frozen=True)
class LatePage:
    """``promise`` and ``dispute``: forms, as long as each may be said."""

    seen: LateView
    promise: Form | None = None
    dispute: Form | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseForms:
    """What may be done in one case: ``step`` waits for a person; ``call``: it was allowed, and whom to call.
    ``outcome`` and ``answer`` are there for the one case that was opened."""

    step: str | None = None
    begin: Form | None = None
    outcome: Form | None = None
    call: CallLine | None = None
    answer: Form | None = None


@dataclass(frozen=True)
class CollectionsPage:
    """All cases with what may be done in each."""

    cases: tuple[CaseLine, ...]
    forms: dict[UUID, CaseForms]
    counts: tuple[tuple[str, int], ...]
