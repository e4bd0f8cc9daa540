"""The release desk's page: what takes a second person before it leaves, and whom to call about money that is held."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import proof
from api.caller import Call, Caller
from api.policy import RELEASES
from api.problems import Problem
from api.routes import Router
from api.staff import releases
from api.views import ReleaseCase
from api.views.release import GateView
from lending.refusals import Refusal
from web.asking import sent, shown
from web.showing import go, shell_of, show
from web.staff.proving import proved_again
from web.views.parts import Form
from web.views.releasing import Call as Calling
from web.views.releasing import Case, Gate, ReleasesPage

router = Router(include_in_schema=False)
HERE = "/desk/releases"
OPEN = ("waiting", "held_back")


@router.get(HERE, policy=RELEASES)
async def desk(request: Request, call: Call) -> Response:
    """What waits, what was answered, whom to call."""
    return await _page(request, call)


async def _page(request: Request, call: Caller, again: tuple[UUID, Form] | None = None) -> Response:
    found = tuple(_case(call, one, again) for one in await releases.cases(call))
    page = ReleasesPage(
        waiting=tuple(one for one in found if one.seen.state in (*OPEN, "void")),
        over=tuple(one for one in found if one.seen.state not in (*OPEN, "void")),
        calls=tuple(
            Calling(one, _form(f"{HERE}/calls/{one.task_id}", one.task_id, again))
            for one in await releases.call_backs(call)
        ),
        fresh=proof.is_fresh(call),
    )
    shell = await shell_of(request, call, "staff", tab="releases")
    return show(request, "staff/releases.html", page, shell, 422 if again else 200)


def _case(call: Caller, seen: ReleaseCase, again: tuple[UUID, Form] | None) -> Case:
    step = "release" if seen.approved_by else "approve"
    form = _form(f"{HERE}/{seen.payout_id}", seen.payout_id, again) if seen.state in OPEN else None
    case = f"/desk/cases/{seen.application_id}" if call.may("case.read") else ""
    return Case(seen, step, form, tuple(Gate(one, _mended(call, one, case)) for one in seen.gates), case)


def _mended(call: Caller, gate: GateView, case: str) -> str:
    """Where somebody goes who may: a piece's own page, the conditions of the case, whom to call."""
    if gate.about is not None:
        return f"/manager/collateral/{gate.about}" if call.may("task.read") else ""
    if gate.kind == "hold":
        return "#calls-title"
    return f"{case}#terms-title" if case and gate.kind == "condition" else ""


def _form(action: str, about: UUID, again: tuple[UUID, Form] | None) -> Form:
    return again[1] if again and again[0] == about else shown(action)


@router.post(HERE + "/{payout_id:uuid}", policy=RELEASES)
async def answer(request: Request, call: Call, payout_id: UUID) -> Response:
    """Approve, release or hold back what was shown under this hash."""
    form = await sent(request)
    said = releases.Answer(form.get("say", ""), form.get("approval_hash", ""), form.get("reason", ""))
    try:
        await releases.answer(await proof.proven(call, form.get("totp", "")), payout_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, (payout_id, proved_again(f"{HERE}/{payout_id}", form, no, call)))
    return go(HERE)


@router.post(HERE + "/calls/{task_id:uuid}", policy=RELEASES)
async def called(request: Request, call: Call, task_id: UUID) -> Response:
    """Say what came of the call."""
    form = await sent(request)
    said = releases.Called(form.get("say") == "theirs", form.get("words", ""))
    try:
        await releases.called(await proof.proven(call, form.get("totp", "")), task_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, (task_id, proved_again(f"{HERE}/calls/{task_id}", form, no, call)))
    return go(HERE)
