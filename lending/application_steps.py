"""What an applicant fills in, page by page: one graph for the owner's pages, the manager's and a partner's ERP.

A channel may show the fields otherwise; it may not ask for another one, nor ask again for one that is known.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from lending.applications import Stage
from lending.profiles import EvidenceProfile


class Channel(StrEnum):
    """Through which door somebody fills in an application."""

    OWNER = "owner"
    MANAGER = "manager"
    PARTNER = "partner"


class How(StrEnum):
    """How a field is filled in; only typing counts as work (journey 1, A2)."""

    TYPED = "typed"
    PICKED = "picked"
    GIVEN = "given"  # a file, a tick


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for. ``kept``: a draft keeps it; a code or a password is never kept."""

    name: str
    how: How = How.TYPED
    kept: bool = True


@dataclass(frozen=True, slots=True)
class PageStep:
    """One page of an application, the fields on it, and the stages in which it is the one to go on with."""

    name: str
    fields: tuple[Field, ...]
    stages: tuple[Stage, ...] = ()


# Journey 1, A2: at most so many pages from signing in to the signature, so many typed fields, signing in once.
MOST_PAGES, MOST_TYPED = 7, 25

STEPS: tuple[PageStep, ...] = (
    PageStep("sign_in", (Field("phone", kept=False), Field("code", kept=False))),
    PageStep(
        "identity",
        (
            Field("amount"),
            Field("months"),
            Field("share"),
            Field("revenue"),
            Field("how", How.PICKED),
            Field("purpose", How.PICKED),
            Field("kind", How.PICKED),
            Field("capacity", How.PICKED),
            Field("name"),
            Field("id_number"),
            Field("firm_name"),
            Field("licence"),
            Field("account"),
            Field("bank"),
            Field("presence", How.PICKED),
        ),
        (Stage.DRAFT, Stage.IDENTITY),
    ),
    PageStep("consents", (Field("consent", How.GIVEN, kept=False),), (Stage.CONSENT,)),
    PageStep(
        "flows",
        (Field("files", How.GIVEN, kept=False), Field("password", kept=False)),
        (Stage.EVIDENCE, Stage.DECIDING),
    ),
    PageStep(
        "decision",
        (Field("offer", How.PICKED, kept=False),),
        (Stage.REVIEW, Stage.OFFERED, Stage.DECLINED),
    ),
    PageStep("key_facts", (), (Stage.SIGNING,)),
    PageStep("sign", (Field("code", kept=False),), (Stage.SIGNING,)),
)

# The fields that a draft keeps, in the order of the pages.
KEPT: tuple[str, ...] = tuple(field.name for step in STEPS for field in step.fields if field.kept)


def step_of(stage: Stage) -> PageStep | None:
    """The page to go on with in a stage; None once nobody is asked for anything."""
    return next((step for step in STEPS if stage in step.stages), None)


def steps_of(profile: EvidenceProfile) -> tuple[PageStep, ...]:
    """The pages as one kind of applicant sees them: without the fields that this kind is not asked for."""
    return tuple(
        replace(step, fields=tuple(field for field in step.fields if profile.asks(field.name))) for step in STEPS
    )


def asked_of(profile: EvidenceProfile) -> tuple[str, ...]:
    """The fields that a draft of this kind keeps, in the order of the pages."""
    return tuple(field.name for step in steps_of(profile) for field in step.fields if field.kept)


def typed(profile: EvidenceProfile) -> int:
    """How many fields one kind of applicant types at most, from signing in to the signature."""
    return sum(field.how is How.TYPED for step in steps_of(profile) for field in step.fields)
