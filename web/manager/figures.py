"""A case in figures, for whoever has said what they think: score and route, registers, ratios, exposure."""

from collections.abc import Callable
from decimal import Decimal

from api import views
from api.caller import Caller
from lending.verdicts import Exposure
from web.owner import dress
from web.views import manager
from web.wording import Say, money, number

MOST, LEAST = "web.ratio.at_most", "web.ratio.at_least"


def score(seen: views.ScoreView | None, *, simulated: bool) -> manager.ScoreSeen | None:
    """What model and rules say, on which versions, and what would turn a no into a yes."""
    if seen is None:
        return None
    return manager.ScoreSeen(
        outcome=seen.outcome,
        grade=seen.grade,
        pd=seen.pd,
        confidence=seen.confidence,
        policy_limit_minor=seen.limit_minor,
        reasons=dress.reasons((*seen.reasons, *seen.left_out), "plain"),
        model=seen.model_id or "",
        policy=seen.policy_version,
        simulated=simulated and seen.model_id is not None,
        health=dress.health(seen.health, simulated=simulated),
        stood_in=seen.model_role in ("fallback", "shadow"),
        route=seen.route,
        route_why=seen.route_why.text if seen.route_why else "",
        features=seen.features_version or "",
        decided_at=seen.decided_at,
        ways=tuple(
            manager.Way(tuple(change.text for change in way.changes), way.amount_minor, way.months, way.outcome)
            for way in seen.ways_to_yes
        ),
    )


def registers(seen: views.TaskView) -> tuple[manager.RegisterSeen, ...]:
    """Each register with what it said; one that is silent is shown as such."""
    return tuple(
        manager.RegisterSeen(
            one.source,
            one.reference or "",
            one.consent_at,
            one.received_at,
            tuple(manager.Fact(Say(f"web.register.fact.{fact.name}"), _said(fact)) for fact in one.facts),
        )
        for one in seen.registers
    )


def _said(fact: views.RegisterFact) -> Say | str:
    if fact.amount_minor is not None:
        return Say("web.ratio.value_minor", {"value_minor": fact.amount_minor})
    if fact.yes is not None:
        return Say("web.form.yes" if fact.yes else "web.form.no")
    if fact.day is not None:
        return Say("web.register.day", {"on": fact.day})
    if fact.number is not None:
        months = fact.name.startswith("overdue_")
        return Say("web.bureau.months", {"n": fact.number}) if months else number(fact.number)
    return Say(f"web.register.state.{fact.word}") if fact.name == "state" else fact.word or ""


def ratios(seen: views.TaskView, call: Caller) -> tuple[manager.Ratio, ...]:
    """The figures that the rules look at, each beside its rule."""
    if seen.score is None:
        return ()
    rules = call.tools.policies.policy(seen.application.product_id)
    facts = seen.score.ratios
    wanted: tuple[tuple[str, str, Callable[..., str], str | None, int | None], ...] = (
        ("revenue", "monthly_net_revenue_minor", money, None, None),
        ("revenue_p10", "revenue_p10_minor", money, None, None),
        ("history", "months_of_history", number, LEAST, rules.months_of_history),
        ("instalments", "monthly_instalments_minor", money, None, None),
        ("overdue", "current_overdue_minor", money, MOST, rules.current_overdue_up_to_minor),
        ("overdue_24", "overdue_months_24", number, MOST, rules.overdue_months_24_up_to),
        ("enquiries", "enquiries_90d", number, MOST, rules.enquiries_90d_up_to),
        ("unsplit", "unsplit_percent", number, None, None),
        ("corrected", "corrected_percent", number, None, None),
    )
    found: list[manager.Ratio] = []
    for name, fact, say, key, rule in wanted:
        if facts.get(fact) is None:
            continue
        value = int(facts[fact])
        kept = rule is None or (value >= rule if key == LEAST else value <= rule)
        suffix = "_minor" if say is money else ""
        limit = Say(f"{key}{suffix}", {f"value{suffix}": rule}) if key and rule is not None else None
        percent = "_percent" if fact.endswith("_percent") else ""
        figure = Say(f"web.ratio.value{suffix}{percent}", {f"value{suffix}": value})
        found.append(manager.Ratio(Say(f"web.ratio.{name}"), figure, limit, kept))
    return tuple(found)


def exposure(seen: views.TaskView, call: Caller) -> tuple[manager.Ratio, ...]:
    """What hangs on the group in every role, on the trade and on the main buyer once this is lent, and the limits."""
    if seen.score is None:
        return ()
    facts = seen.score.ratios
    rule: Exposure = call.tools.policies.policy(seen.application.product_id).exposure
    asked = seen.application.amount_minor
    group = int(facts.get("group_minor") or 0) + asked  # guarantees are in it as the policy counts them
    book = max(int(facts.get("book_minor") or 0) + asked, rule.book_at_least_minor)
    found = [
        manager.Ratio(
            Say("web.exposure.group"),
            Say("web.ratio.value_minor", {"value_minor": group}),
            _at_most_minor(rule.group_up_to_minor),
            rule.group_up_to_minor is None or group <= rule.group_up_to_minor,
        )
    ]
    for name, most in (("trade", rule.trade_up_to), ("buyer", rule.buyer_up_to)):
        there = int(facts.get(f"{name}_book_minor") or 0)
        if most is None or (name == "buyer" and not there):
            continue
        part = Decimal(there + asked) / book if book else Decimal(0)
        figure, limit = Say("web.exposure.part", {"share": part}), Say("web.exposure.at_most", {"share": most})
        # What nothing hangs on yet is no concentration, as the rule has it.
        found.append(manager.Ratio(Say(f"web.exposure.{name}"), figure, limit, not there or part <= most))
    return tuple(found)


def _at_most_minor(most: int | None) -> Say | None:
    return None if most is None else Say(f"{MOST}_minor", {"value_minor": most})
