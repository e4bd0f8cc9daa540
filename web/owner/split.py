"""What the money was: groups with their reasons, corrected with one tap, each word kept and taken back as easily."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import flows
from api.policy import OWNER_APPLIES
from api.problems import Problem
from api.routes import Router
from api.views import ApplicationView, FlowGroup, Flows
from lending.flows import SAYABLE
from lending.refusals import Refusal
from web.asking import errors_of, sent, shown
from web.owner.applying import current
from web.owner.bills import OPEN
from web.owner.places import place_of
from web.showing import go, shell_of, show
from web.views import owner
from web.wording import Say

router = Router(include_in_schema=False)
HERE = "/apply/flows/split"
# What nobody has said comes first: that is what the owner is asked for.
ORDER = ("unclear", "business", "private", "own_account")


@router.get(HERE, policy=OWNER_APPLIES)
async def split_page(request: Request, call: Call) -> Response:
    """Groups by what they are taken for."""
    application = await current(call)
    if application.stage not in OPEN or application.to_do == "consent":
        return go(place_of(application))
    return await _split(request, call, application)


async def _split(
    request: Request, call: Caller, application: ApplicationView, errors: Mapping[str, Say | str] | None = None
) -> Response:
    page = dressed(await flows.seen(call, application.id), errors)
    return show(request, "owner/split.html", page, await shell_of(request, call, "owner"), 422 if errors else 200)


def dressed(seen: Flows, errors: Mapping[str, Say | str] | None = None) -> owner.SplitPage:
    """The page of what the use gives back."""
    return owner.SplitPage(
        uses=tuple(
            owner.SplitUse(
                use.use,
                use.in_minor,
                use.out_minor,
                tuple((month.month, month.in_minor, month.out_minor) for month in use.months),
                tuple(_group(group, seen.open) for group in use.groups),
            )
            for use in sorted(seen.uses, key=lambda use: ORDER.index(use.use))
        ),
        unclear_percent=seen.unsplit_percent,
        word_percent=seen.corrected_percent,
        looked_at=seen.corrected_percent > seen.corrected_up_to_percent,
        most_percent=seen.corrected_up_to_percent,
        corrections=seen.corrections,
        form=shown(HERE, errors=errors),
    )


def _group(group: FlowGroup, open_: bool) -> owner.SplitGroup:
    named = {"target": group.target, "key": group.key, "direction": group.direction}
    return owner.SplitGroup(
        anchor=f"{group.direction}-{group.key.replace('?', 'x')}",
        name=group.counterparty,
        parties=group.counterparties,
        into=group.direction == "in",
        reason=group.reason.text,
        sure=group.confidence,
        lines=group.lines,
        amount_minor=group.amount_minor,
        first_on=group.first_day,
        last_on=group.last_day,
        says=tuple(use.value for use in SAYABLE if use.value != group.use),
        undo=group.corrected,
        form=shown(HERE, named) if open_ and not group.fixed else None,
    )


@router.post(HERE, policy=OWNER_APPLIES)
async def correct(request: Request, call: Call) -> Response:
    """One word on one group; back to where it now stands."""
    form = await sent(request)
    application = await current(call)
    said = flows.Correction(
        form.get("target", ""), form.get("key_of", ""), form.get("direction", ""), form.get("use") or None
    )
    try:
        await flows.correct(call, application.id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _split(request, call, await current(call), errors_of(no, call.locale))
    return go(HERE)
