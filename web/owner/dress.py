"""From what the uses give back to what the pages show: costs, plans, bills, checks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from api import views
from infra import i18n
from web.asking import shown
from web.views import owner
from web.views.figures import MonthRevenue, Weather
from web.views.health import Health, HealthDriver, WayToYes
from web.views.parts import Action, Form
from web.wording import BEIJING, Say

ROWS_SHOWN = 20


def weather(seen: views.Weather, amount_minor: int) -> Weather:
    """One weather as chart and table want it."""
    balances = (amount_minor, *(row.closing_minor for row in seen.rows))
    return Weather(
        seen.kind, seen.finish_on, seen.months, seen.total_interest_minor, seen.total_minor, balances, seen.coupon_minor
    )


def quote(seen: views.Simulation) -> owner.Quote:
    """The simulator's answer."""
    return owner.Quote(
        amount_minor=seen.amount_minor,
        months=seen.months,
        share=seen.share,
        revenue_minor=seen.monthly_revenue_minor,
        annual_rate=seen.annual_rate,
        start=_start(seen),
        weathers=tuple(weather(one, seen.amount_minor) for one in seen.weathers),
        window_months=seen.window_months,
        least_minor=seen.least_minor,
        latest_on=seen.latest_on,
        due=() if seen.share else _due(seen),
    )


def _due(seen: views.Simulation) -> tuple[owner.Due, ...]:
    """Where nothing is shared, each row is a due day, and every weather has the same."""
    rows = next(one for one in seen.weathers if one.kind == "normal").rows
    return tuple(owner.Due(row.on, row.payment_minor, row.interest_minor, row.closing_minor) for row in rows)


def _start(seen: views.Simulation) -> date:
    return seen.weathers[0].rows[0].on


def ranges(card: views.ProductCard) -> owner.Ranges:
    """What the sliders may be set to, in yuan, months and percent."""
    return owner.Ranges(
        amount=owner.Range(card.lowest_minor // 100, card.highest_minor // 100, card.step_minor // 100),
        months=owner.Range(card.shortest_months, card.longest_months, 1),
        share=owner.Range(_percent(card.lowest_share), _percent(card.highest_share), _percent(card.share_step)),
        revenue=owner.Range(5_000, 500_000, 1_000),
    )


def _percent(share: Decimal) -> Decimal:
    value = (share * 100).normalize()
    return value if value.as_tuple().exponent < 0 else Decimal(int(value))  # type: ignore[operator]


def percent_text(share: Decimal) -> str:
    """A share as a person types it: "12", "8.5"."""
    return f"{_percent(share):f}"


def product(card: views.ProductCard) -> owner.ProductCard:
    """The product's own numbers."""
    return owner.ProductCard(
        product_id=card.product_id,
        name=card.name,
        amount_low_minor=card.lowest_minor,
        amount_high_minor=card.highest_minor,
        months_low=card.shortest_months,
        months_high=card.longest_months,
        annual_rate=card.annual_rate,
        highest_annual_rate=card.highest_annual_rate,
        late_factor=card.late_factor,
        grace_days=card.grace_days,
        share_low=card.lowest_share,
        share_high=card.highest_share,
        history_months=card.history_months,
        window_months=card.window_months,
        stretch=card.stretch,
        path_longest_months=card.path_longest_months,
        fast_limit_minor=card.fast_limit_minor,
        delay_hours=card.delay_hours,
        automatic_limit_minor=card.automatic_limit_minor,
    )


def checks(seen: views.IdentityView) -> tuple[owner.Check, ...]:
    """The identity checks as they stand."""
    return tuple(owner.Check(check.kind, check.outcome, check.answered_at) for check in seen.checks)


def months(seen: Iterable[views.MonthRevenue]) -> tuple[MonthRevenue, ...]:
    """Bars of the revenue chart."""
    return tuple(MonthRevenue(month.month, month.net_minor, month.whole) for month in seen)


def bills(
    seen: views.Evidence,
    *,
    dismiss: str = "",
    side: str = "",
    unlock: str = "",
    wrong: Mapping[str, Form] | None = None,
) -> tuple[owner.BillFile, ...]:
    """The uploaded files with what was understood of each.

    ``dismiss``: where an unreadable one is put away; ``side``: where the owner says what a list of invoices holds;
    ``unlock``: where the password of one that came by mail is given; ``wrong``: those forms that were refused, by file.
    """

    def form_of(file: views.StatementView) -> Form | None:
        if not unlock or file.state != "locked":
            return None
        return (wrong or {}).get(str(file.id)) or shown(unlock, {"file_id": str(file.id)})

    return tuple(replace(_bill(file, dismiss, side), unlock=form_of(file)) for file in seen.files)


def invoice_months(seen: views.Evidence) -> tuple[owner.InvoiceMonth, ...]:
    """Rows of the table of invoices."""
    return tuple(owner.InvoiceMonth(one.month, one.sales_minor, one.purchases_minor) for one in seen.invoices)


def _bill(file: views.StatementView, dismiss: str, side: str) -> owner.BillFile:
    summary = file.summary or {}
    ask = side and file.state == "refused" and file.problem == "side_unknown"
    counts = None
    if file.state == "read" and file.holds == "invoices":
        sales, purchases, void, red = (int(summary.get(name, 0)) for name in ("sales", "purchases", "void", "red"))
        counts = owner.InvoiceCounts(
            sales, purchases, void, red, int(summary.get("buyers", 0)) + int(summary.get("suppliers", 0))
        )
    away = shown(dismiss, {"file_id": str(file.id)}) if dismiss and file.state == "refused" else None
    return owner.BillFile(
        name=file.name,
        state=file.state,
        source=str(summary.get("layout", "")),
        size=file.size,
        lines=int(summary.get("lines", 0)),
        first_on=_day(summary.get("first_day")),
        last_on=_day(summary.get("last_day")),
        duplicates=int(summary.get("duplicates", 0)) + int(summary.get("duplicates_dropped", 0)),
        unread=tuple(
            owner.UnreadLine(int(row), words_of("imports.row", str(code), params))
            for row, code, params in list(summary.get("not_understood", ()))[:ROWS_SHOWN]
        ),
        unread_count=int(summary.get("not_understood_count", 0)),
        notices=tuple(
            words_of("imports.notice", str(one["code"]), {"where": one.get("where", ""), **one.get("params", {})})
            for one in summary.get("notices", ())
        ),
        problem=words_of("imports.refused", file.problem, file.problem_params or {}) if file.problem else None,
        dismiss=away,
        invoices=counts,
        ask_side=shown(side, {"file_id": str(file.id)}) if ask else None,
    )


def words_of(group: str, code: str, params: Mapping[str, object]) -> Say:
    """The words of a code of the room that reads bills; without words it says which code it is."""
    key = f"{group}.{code}"
    if not i18n.known(key):
        return Say("web.flows.problem", {"code": code})
    return Say(key, {name: params.get(name, "") for name in i18n.parameters(key)})


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def plan(offer: views.OfferView) -> owner.Plan:
    """One offer on the table."""
    seen = {one.kind: weather(one, offer.amount_minor) for one in offer.simulation.weathers}
    return owner.Plan(
        offer_id=str(offer.id),
        shape=offer.shape,
        amount_minor=offer.amount_minor,
        months=offer.months,
        share=offer.share,
        annual_rate=offer.annual_rate,
        normal=seen["normal"],
        good=seen["good"],
        slow=seen["slow"],
        window_months=offer.window_months,
        least_minor=offer.amount_minor // offer.windows,
        chosen=offer.chosen_at is not None,
        pays_off_minor=offer.pays_off_minor,
        net_minor=offer.net_minor,
        subsidy=offer.subsidy,
        wait_hours=-(-offer.money_after_seconds // 3600),
        second_person=offer.second_person,
        instalment_minor=_first_instalment(offer),
    )


def _first_instalment(offer: views.OfferView) -> int:
    if offer.repayment == "revenue_share":
        return 0
    return next(one.rows[0].payment_minor for one in offer.simulation.weathers if one.kind == "normal")


# The plans that may come twice, and what the second is called.
MORE_OF_IT = {"quicker": "quickest", "smaller": "smallest"}


def named(plans: Iterable[owner.Plan], *, share: Decimal, months: int) -> tuple[owner.Plan, ...]:
    """The plans side by side, no two of one name; ``share`` and ``months`` are those that were asked for.

    A share and a time that do not go together cannot both be met: the plan is reckoned to end in time, and then is not
    called what was asked for but what it is.
    """
    found: list[owner.Plan] = []
    for one in plans:
        if one.shape in {other.shape for other in found}:
            one = replace(one, shape=MORE_OF_IT.get(one.shape, one.shape))
        if one.shape == "as_asked" and one.months > months:
            one = replace(one, shape="nearest", said=(share, months))
        elif one.shape == "as_asked" and one.share != share:
            one = replace(one, shape="in_time", said=(share, months))
        found.append(one)
    return tuple(found)


def price(seen: views.PriceView | None) -> owner.Price | None:
    """Why it costs what it costs."""
    return seen and owner.Price(seen.annual_rate, seen.best_rate, tuple(reason.text for reason in seen.because))


def reasons(seen: Iterable[views.Reason], effect: str) -> tuple[owner.Reason, ...]:
    """Why, in words."""
    return tuple(owner.Reason(reason.text, effect) for reason in seen)


def ways(seen: Iterable[views.WayView], form: Form) -> tuple[WayToYes, ...]:
    """The ways to a yes, each with the button that begins it."""
    return tuple(
        WayToYes(
            changes=tuple(change.text for change in way.changes),
            how=way.how,
            outcome=way.outcome,
            amount_minor=way.amount_minor,
            months=way.months,
            annual_rate=way.annual_rate,
            action=_begin(way, form),
        )
        for way in seen
    )


def _begin(way: views.WayView, form: Form) -> Action | None:
    """What can begin here: asking anew for what the way lends, or more bills; a debt is paid elsewhere."""
    kinds = {change.code for change in way.changes}
    if kinds <= {"smaller_amount", "longer_term"}:
        hidden = {"amount_minor": str(way.amount_minor), "months": str(way.months)}
        return Action(Say("web.way.go.ask_again"), form.action, True, form.key, hidden)
    for kind in ("clear_lines", "more_history", "add_invoices"):
        if kind in kinds:
            return Action(Say(f"web.way.go.{kind}"), "/apply/flows")
    return None


def health(seen: views.HealthView | None, *, simulated: bool) -> Health | None:
    """How healthy the business looks, on the lender's calendar."""
    if seen is None:
        return None
    return Health(
        index=seen.index,
        drivers=tuple(
            HealthDriver(each.name, each.points, each.better_than, each.reason, each.advice, each.change)
            for each in seen.drivers
        ),
        on=seen.assessed_at.astimezone(BEIJING).date(),
        trade=seen.similar != "all",
        before=seen.index_before,
        before_on=seen.before_at.astimezone(BEIJING).date() if seen.before_at else None,
        simulated=simulated,
    )


def way_to_yes(path: views.Reason | None, form: Form | None) -> Action | None:
    """The button for the one change that turns a no into a yes."""
    if path is None or form is None:
        return None
    match path.code:
        case "smaller_amount":
            say = Say("web.decision.path_go.smaller_amount", {"amount_minor": path.params["amount_minor"]})
            return Action(say, form.action, True, form.key, {"amount_minor": str(path.params["amount_minor"])})
        case "longer_term":
            say = Say("web.decision.path_go.longer_term", {"months": path.params["months"]})
            hidden = {name: str(path.params[name]) for name in ("amount_minor", "months")}
            return Action(say, form.action, True, form.key, hidden)
        case "more_history":
            return Action(Say("web.decision.path_go.more_history"), "/apply/flows")
        case _:
            return None
