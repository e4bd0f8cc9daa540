"""The changes of a plan as they were agreed, and an answer as it was kept."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.idempotency import Json
from api.views.loan import InstalmentView
from api.views.plan import Course, PlanChangeView, PlanPreview
from db.tables import PlanChange
from lending.changes_kept import as_json, change_of
from lending.plans import Change, ChangeKind


def said_of(change: Change) -> dict[str, str]:
    """What was asked for, as key facts and story say it; the path that it makes stands in the instalments."""
    said = {name: str(value) for name, value in as_json(change).items() if name not in ("path", "weights")}
    return said | ({"weights": ",".join(map(str, change.weights))} if change.weights else {})


def told_of(row: PlanChange) -> PlanChangeView:
    one = change_of(row.kind, row.effective_on, row.said)
    space, rhythm = one.breathing, one.kind is ChangeKind.RHYTHM
    return PlanChangeView(
        id=row.id,
        kind=row.kind,
        effective_on=row.effective_on,
        first_on=space.first_on if space else None,
        last_on=space.last_on if space else None,
        factor=space.factor if space else None,
        cycle=one.cycle.value if rhythm else None,
        cycle_day=one.cycle_day if rhythm or one.kind is ChangeKind.DUE_DAY else None,
        window=one.window or None,
        share=one.share,
        agreed_at=row.agreed_at,
        shown_sha256=row.shown_hash,
        weights=one.weights,
        hour=one.hour if one.kind is ChangeKind.REMINDER_HOUR else None,
    )


def again(told: Json) -> PlanPreview:
    """The answer as it was kept."""

    def day(value: Any) -> date | None:
        return date.fromisoformat(value) if value else None

    def course(said: Json) -> Course:
        interest = said["interest_to_come_minor"]
        return Course(
            day(said["finish_on"]),
            None if interest is None else int(interest),
            Decimal(said["annual_rate"]),
            day(said["next_look_on"]),
            tuple(
                InstalmentView(
                    int(one["number"]),
                    date.fromisoformat(one["on"]),
                    *(int(one[f"{name}_minor"]) for name in ("amount", "principal", "interest", "left")),
                )
                for one in said.get("instalments", ())
            ),
        )

    return PlanPreview(
        loan_id=UUID(told["loan_id"]),
        kind=told["kind"],
        effective_on=date.fromisoformat(told["effective_on"]),
        said=told["said"],
        first_on=day(told["first_on"]),
        last_on=day(told["last_on"]),
        share=Decimal(told["share"]) if told["share"] else None,
        before=course(told["before"]),
        after=course(told["after"]),
        extra_interest_minor=int(told["extra_interest_minor"]),
        currency=told["currency"],
        sha256=told["sha256"],
    )
