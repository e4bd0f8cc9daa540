"""The story of an application as owner and manager both see it, from the timeline that the uses give back."""

from dataclasses import replace
from datetime import datetime, timedelta

from api.views import ApplicationView, PayoutView, Timeline, Waiting
from lending.ahead import Way
from lending.applications import Stage
from lending.handing_up import late_by
from web.asking import shown
from web.owner.places import PLACES, WAITING
from web.views.owner import Ahead, Happened, Now, PayoutTracker, Story
from web.views.parts import Action
from web.wording import Say

# Which stage ahead is told in which words; what is not named here needs no line of its own.
AHEAD = {
    Stage.CONSENT: "consent",
    Stage.EVIDENCE: "upload",
    Stage.DECIDING: "decision",
    Stage.OFFERED: "offer",
    Stage.SIGNING: "sign",
    Stage.PAYING: "payout",
    Stage.FUNDED: "repay",
}
WAYS = frozenset(one.value for one in Way)
ENDS_BADLY = frozenset(
    {"identity_failed", "statement_refused", "declined", "payout_returned", "payout_overdue", "lapsed"}
)
REACHED = {"submitting": "instructed", "submitted": "accepted", "unknown": "sent", "credited": "credited"}
# While an owner is asked or called the waiting time runs on, and the page says that both are needed; for all else that
# is open no hour can be told.
COUNTED = frozenset({"hour", "owner", "call"})
STEPS = ("instructed", "sent", "accepted", "credited")


def story_of(seen: Timeline, *, acts: bool) -> Story:
    """The story; with what its owner can do if it is the owner who looks."""
    application = seen.application
    return Story(
        number=number_of(application),
        amount_minor=application.amount_minor,
        now=now_of(seen),
        happened=tuple(
            Happened(one.text, one.happened_at, actor_of(one.actor), "bad" if one.kind in ENDS_BADLY else "done")
            for one in reversed(seen.happened)
        ),
        ahead=_ahead(seen),
        payout=_tracker(seen, acts=acts) if seen.payout else None,
    )


def number_of(application: ApplicationView) -> str:
    """How people call an application."""
    return f"A-{application.number}"


def actor_of(actor: str) -> str:
    """Who did it, as one of the actors that have a name on the page: "staff:…" is a manager."""
    kind = actor.partition(":")[0]
    return {"staff": "manager", "anonymous": "owner", "machine": "system", "model": "system"}.get(kind, kind)


def now_of(seen: Timeline) -> Now:
    """Where it stands, and the one thing to do; a time that has passed is said to be late, not to come."""
    found = _now_of(seen)
    return replace(found, late_minutes=_late(found.due_at, seen.business_now)) if found.mood == "wait" else found


def _late(due_at: datetime | None, now: datetime) -> int | None:
    late = late_by(due_at, now) if due_at is not None else None
    return None if late is None else late // timedelta(minutes=1)


def _now_of(seen: Timeline) -> Now:
    application = seen.application
    stage = Stage(application.stage)
    if seen.now.who == "party":
        action = Action(Say("web.now.go.parties"), "/apply/parties")
        title = Say("web.now.parties", {"role": Say(f"lending.role.{seen.now.party}")})
        return Now("wait", title, Say("web.now.parties.detail"), "party", seen.now.due_at, action)
    match application.to_do:
        case "wait":
            return _waiting(seen, stage)
        case "answer_hold":
            amount = {"amount_minor": seen.payout.amount_minor if seen.payout else application.amount_minor}
            action = Action(Say("web.now.go.answer_hold"), "/progress/hold")
            until = seen.payout.waits_until if seen.payout else None
            detail = Say("web.now.answer_hold.detail", amount)
            return Now("act", Say("web.now.answer_hold"), detail, "owner", until, action)
        case "wait_or_cancel" if seen.payout is not None:
            return _before_it_leaves(seen.payout)
        case "see_loan":
            paid_on = application.note.get("paid_on")
            name = "web.now.see_loan.closed" if paid_on else "web.now.see_loan"
            action = Action(Say("web.now.go.see_loan"), f"/loans/{application.loan_id}")
            return Now("good", Say(name), actor="system", action=action)
        case "see_line":
            action = Action(Say("web.now.go.see_line"), "/lines")
            return Now("good", Say("web.now.see_line"), actor="system", action=action)
        case "nothing":
            known = stage in (Stage.WITHDRAWN, Stage.LAPSED)
            name = f"web.now.nothing.{stage.value}" if known else "web.now.nothing"
            return Now("stopped", Say(name), actor="nobody", action=Action(Say("web.now.go.nothing"), "/"))
        case to_do:
            action = Action(Say(f"web.now.go.{to_do}"), PLACES.get(to_do, "/progress"))
            return Now("act", Say(f"web.now.{to_do}"), _hint(application), "owner", _soon(application), action)


def _before_it_leaves(payout: PayoutView) -> Now:
    """Signed and not sent: its hour, a second person of ours, or a call."""
    match payout.waits_for:
        case "registration":
            title, detail = Say("web.now.registration"), Say("web.now.registration.detail")
            return Now("wait", title, detail, "register", payout.waits_until)
        case "conditions" if payout.waits_on != "owner":
            action = Action(Say("web.now.go.conditions"), "/progress/conditions")
            title, detail = Say("web.now.conditions_ours"), Say("web.now.conditions_ours.detail")
            return Now("wait", title, detail, "manager", payout.waits_until, action)
        case "conditions":
            action = Action(Say("web.now.go.conditions"), "/progress/conditions")
            title, detail = Say("web.now.conditions"), Say("web.now.conditions.detail")
            return Now("act", title, detail, "owner", payout.waits_until, action)
        case "second_person" | "call" as who:
            return Now("wait", Say(f"web.now.{who}"), Say(f"web.now.{who}.detail"), "manager", payout.waits_until)
        case _:
            title = Say("web.now.wait_or_cancel", {"pay_at": payout.pay_at})
            return Now("wait", title, Say("web.now.wait_or_cancel.detail"), "system", payout.pay_at)


def _waiting(seen: Timeline, stage: Stage) -> Now:
    """Waiting for somebody: whom, until when."""
    due, party = seen.now.due_at, seen.now.party
    if seen.now.who == "valuer":
        return Now("wait", Say("web.now.valuation"), Say("web.now.valuation.detail"), "valuer", due)
    if stage is Stage.PAYING:
        away = seen.payout is not None and seen.payout.state == "unknown"
        return Now("wait", Say("web.now.unknown" if away else "web.now.wait.paying"), actor="bank", due_at=due)
    if party in ("identity", "bureau"):
        title = Say("web.now.identity_again" if party == "identity" else "web.now.bureau")
        return Now("wait", title, actor="system", due_at=due)
    names = {Stage.DRAFT: "identity", Stage.IDENTITY: "identity", Stage.DECIDING: "deciding", Stage.REVIEW: "review"}
    name = names.get(stage)
    late = None
    if stage is Stage.REVIEW and seen.now.late:
        by = seen.now.lead
        late = Say("web.now.review_late_by", {"who": by}) if by else Say("web.now.review_late")
    title = Say(f"web.now.wait.{name}" if name else "web.now.wait")
    actor = "manager" if stage is Stage.REVIEW else "system"
    # Machines need seconds; until when is said where a person or an outside party is awaited.
    shown_due = due if stage in (Stage.REVIEW, Stage.DECIDING) else None
    place = WAITING.get(stage)
    action = Action(Say("web.now.go.look"), place) if place and stage is not Stage.REVIEW else None
    return Now("wait", title, late, actor=actor, due_at=shown_due, action=action)


def _hint(application: ApplicationView) -> Say | None:
    note = application.note
    match note.get("problem"):
        case "not_enough_history":
            figures = {"months_seen": note.get("months_seen", 0), "months_needed": note.get("months_needed", 0)}
            return Say("lending.refusal.not_enough_history", figures)
        case "identity_mismatch":
            return Say("web.identity.again_lead")
        case _:
            return None


def _soon(application: ApplicationView) -> datetime | None:
    """The owner's own end is two months away: it is shown where an offer runs out, never as a countdown."""
    return application.due_at if application.stage in (Stage.OFFERED, Stage.SIGNING) else None


def _ahead(seen: Timeline) -> tuple[Ahead, ...]:
    if Stage(seen.application.stage) is Stage.OPENED:
        return ()
    if Stage(seen.application.stage) is Stage.FUNDED:
        closed = seen.application.note.get("paid_on")
        return () if closed else (Ahead(Say("web.ahead.repay"), "system"), Ahead(Say("web.ahead.close"), "system"))
    return tuple(
        replace(line, late_minutes=_late(line.by, seen.business_now))
        for line in (_ahead_line(one) for one in seen.next if one.what in WAYS or Stage(one.what) in AHEAD)
    )


def _ahead_line(one: Waiting) -> Ahead:
    if one.what in WAYS:
        return Ahead(Say(f"web.ahead.{one.what}"), one.who, one.due_at, one.usual_days)
    stage = Stage(one.what)
    actor = "system" if stage is Stage.FUNDED else one.who
    return Ahead(Say(f"web.ahead.{AHEAD[stage]}"), actor, one.due_at)


def _tracker(seen: Timeline, *, acts: bool) -> PayoutTracker:
    payout = seen.payout
    assert payout is not None  # noqa: S101 (the caller looked)
    reached = REACHED.get(payout.state, "")
    return PayoutTracker(
        state=payout.state,
        reached=reached,
        amount_minor=payout.amount_minor,
        account_masked=" ".join(part for part in (payout.bank, payout.account_masked) if part),
        at=_instants(payout, reached),
        rail_reference=payout.rail_reference,
        pay_at=payout.pay_at,
        ask_until=seen.now.due_at or seen.business_now,
        credited_on=payout.credited_on,
        cancel=shown("/progress/cancel-payout") if acts and payout.cancellable else None,
        waits_for=payout.waits_for,
        waits_until=payout.waits_until,
        left=left_of(payout.seconds_left, held=payout.waits_for != "hour")
        if payout.seconds_left and payout.waits_for in COUNTED
        else None,
        seconds_passed=max(0, payout.delay_seconds - payout.seconds_left),
        seconds_whole=max(payout.delay_seconds, 1),
        why=payout.reason,
    )


def left_of(seconds: int, *, held: bool = False) -> Say:
    """The time to its hour: hours and minutes, minutes, at last seconds. ``held``: it runs on while somebody's word is
    awaited, and the money leaves when both are done."""
    hours, minutes = divmod(-(-seconds // 60), 60)
    figures = {"hours": hours, "minutes": minutes} if hours else {"minutes": minutes}
    if not hours and seconds <= 60:
        figures = {"seconds": seconds}
    unit = "hours" if hours else "minutes" if seconds > 60 else "seconds"
    return Say(f"web.payout.left_held.{unit}" if held else f"web.payout.left.{unit}", figures)


def _instants(payout: PayoutView, reached: str) -> tuple[datetime, ...]:
    """The instants of the steps that were reached, as far as they are known."""
    if not reached:
        return ()
    known = (payout.pay_at, payout.submitted_at, payout.submitted_at, payout.credited_at)
    times: list[datetime] = []
    for at in known[: STEPS.index(reached) + 1]:
        if at is None:
            break
        times.append(at)
    return tuple(times)
