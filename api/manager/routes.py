"""The manager's JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.conditions import Wanted as Condition
from api.idempotency import Key
from api.manager import own_views, tasks, warnings
from api.owner import seeing
from api.policy import MANAGER, MANAGER_DECIDES
from api.replies import RECEIPT, listed, many, one, shown, streamed, told
from api.routes import Router
from api.views import (
    CommandView,
    CustomerCard,
    CustomerRow,
    OwnView,
    TaskCard,
    TaskView,
    Timeline,
    WarningCard,
    WarningView,
)
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/manager", tags=["manager"])


class VerdictInput(Input):
    """A person's verdict and why."""

    verdict: Text
    amount: MoneyInput | None = None
    reason: Annotated[str, StringConstraints(max_length=2_000)]


class OwnViewInput(VerdictInput):
    """One's own view. ``opens``: the score is shown at once; else one may correct a slip first."""

    opens: bool = True


class CorrectionInput(VerdictInput):
    """What one meant, and why it was said otherwise."""

    why: Annotated[str, StringConstraints(max_length=2_000)]


class ConditionInput(Input):
    """A condition of a yes: one of the catalogue, and what exactly in words that the customer reads."""

    kind: Text
    words: Annotated[str, StringConstraints(max_length=300)] = ""


class FinishInput(VerdictInput):
    """The verdict that counts; ``cause`` says why it goes against the score, where it does; ``guarantor``: yes,
    with somebody who answers for it; ``conditions``: what has to be met before money leaves; ``seen_hash``: of the
    case page, which must not have changed."""

    cause: Annotated[str, StringConstraints(max_length=40)] = ""
    guarantor: bool = False
    conditions: Annotated[list[ConditionInput], Field(max_length=10, default_factory=list[ConditionInput])]
    seen_hash: Annotated[str, StringConstraints(max_length=64)] = ""


class UpInput(Input):
    """What a manager would do who hands a case up."""

    words: Annotated[str, StringConstraints(max_length=1_000)]


class ClosedInput(Input):
    """What came of a warning."""

    outcome: Annotated[str, StringConstraints(max_length=40)]
    words: Annotated[str, StringConstraints(max_length=2_000)]


@router.get("/inbox", policy=MANAGER, **many(TaskCard))
async def inbox(call: Call) -> Response:
    """What is open, by when it is due."""
    return listed(await tasks.inbox(call))


@router.get("/tasks/{task_id}", policy=MANAGER, **one(TaskView))
async def task(call: Call, task_id: UUID) -> Response:
    """A case to decide."""
    return shown(await tasks.task(call, task_id))


@router.post("/tasks/{task_id}/own-view", policy=MANAGER_DECIDES, **one(TaskView))
async def own_view(call: Call, task_id: UUID, body: OwnViewInput, key: Key) -> Response:
    """Say what one thinks before the score is shown."""
    view = OwnView(body.verdict, body.amount.minor if body.amount else None, body.reason)
    return shown(await own_views.give_own_view(call, task_id, view, key, opens=body.opens))


@router.post("/tasks/{task_id}/own-view/corrections", policy=MANAGER_DECIDES, **one(TaskView))
async def correct_own_view(call: Call, task_id: UUID, body: CorrectionInput, key: Key) -> Response:
    """Correct a slip in one's own view; after the look it is a remark that changes nothing."""
    view = OwnView(body.verdict, body.amount.minor if body.amount else None, body.reason)
    return shown(await own_views.correct_own_view(call, task_id, view, body.why, key))


@router.post("/tasks/{task_id}/own-view/open", policy=MANAGER_DECIDES, **one(TaskView))
async def open_score(call: Call, task_id: UUID, key: Key) -> Response:
    """One's own view is right: show the score."""
    return shown(await own_views.open_score(call, task_id, key))


@router.post("/tasks/{task_id}/finish", policy=MANAGER_DECIDES, **RECEIPT)
async def finish(call: Call, task_id: UUID, body: FinishInput, key: Key) -> Response:
    """Decide."""
    amount = body.amount.minor if body.amount else None
    asked = tuple(Condition(one.kind, one.words) for one in body.conditions)
    verdict = tasks.Finish(body.verdict, amount, body.reason, body.cause, body.guarantor, asked, body.seen_hash)
    return told(await tasks.finish(call, task_id, verdict, key), commands="/v1/manager/commands")


@router.post("/tasks/{task_id}/up", policy=MANAGER_DECIDES, **one(TaskView))
async def send_up(call: Call, task_id: UUID, body: UpInput, key: Key) -> Response:
    """Hand a case up to whoever may say yes to it."""
    return shown(await tasks.send_up(call, task_id, body.words, key))


@router.get("/warnings", policy=MANAGER, **many(WarningCard))
async def open_warnings(call: Call) -> Response:
    """Borrowers with signs of difficulty, by when somebody must have called."""
    return listed(await warnings.open_warnings(call))


@router.get("/warnings/{warning_id}", policy=MANAGER, **one(WarningView))
async def warning(call: Call, warning_id: UUID) -> Response:
    """One sign of difficulty with the loan's earlier ones."""
    return shown(await warnings.warning(call, warning_id))


@router.post("/warnings/{warning_id}/close", policy=MANAGER_DECIDES, **one(WarningView))
async def close_warning(call: Call, warning_id: UUID, body: ClosedInput, key: Key) -> Response:
    """Say what came of it."""
    return shown(await warnings.close(call, warning_id, warnings.Closed(body.outcome, body.words), key))


@router.get("/commands/{command_id}", policy=MANAGER, **one(CommandView))
async def command(call: Call, command_id: UUID) -> Response:
    """What became of something that was asked."""
    return shown(await seeing.command(call, command_id))


@router.get("/customers", policy=MANAGER, **many(CustomerRow))
async def customers(call: Call) -> Response:
    """The newest applications."""
    return listed(await tasks.customers(call))


@router.get("/customers/{application_id}", policy=MANAGER, **one(CustomerCard))
async def customer(call: Call, application_id: UUID) -> Response:
    """Who a customer is."""
    return shown(await tasks.customer_card(call, application_id))


@router.get("/customers/{application_id}/timeline", policy=MANAGER, **one(Timeline))
async def timeline(call: Call, application_id: UUID) -> Response:
    """The same story that the customer sees."""
    return shown(await tasks.customer(call, application_id))


@router.get("/customers/{application_id}/events", policy=MANAGER, response_model=None)
async def events(call: Call, application_id: UUID) -> Response:
    """Server-sent events: the version at each change."""
    versions = tasks.versions(call, application_id)
    return streamed(versions, await anext(versions))
