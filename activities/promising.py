"""What a person's yes promises on condition: made with it, told, and in the way of the money until it is met."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from activities.steps import Step
from db import conditions
from policies.book import PolicyBook


async def make(step: Step, book: PolicyBook, decision_id: UUID, wanted: Sequence[dict[str, Any]], *, by: str) -> None:
    """The conditions of this yes, as its verdict names them; what an earlier yes asked for is replaced."""
    new: list[conditions.New] = []
    for one in wanted:
        kind = book.conditions[str(one["kind"])]
        new.append(conditions.New(kind.id, str(one.get("words", "")), kind.owner.value, kind.within))
    made = await conditions.make(step.session, step.application, decision_id, new, by=f"staff:{by}", now=step.now)
    if made:
        until = max(one.due_at for one in made).isoformat()
        await step.tell("conditions_made", actor="manager", count=len(made), due_at=until)
        await step.notify("conditions_made", count=len(made), due_at=until)
