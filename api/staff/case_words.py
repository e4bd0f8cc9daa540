"""Fields of a case in words, for whoever reads what changed."""

from decimal import Decimal, InvalidOperation

from api.phrases import reason_key
from api.views import FieldChange
from infra import i18n
from lending.case_changes import Change

# What stays shut until its reader has said what they think themselves.
SHUT = ("verdict.", "figure.")
# Where the words of a field's value stand, by the first part of its name, where they are codes.
VALUES = {
    "bill": "web.flows.state",
    "paper": "lending.checklist.state",
    "check": "web.identity.state",
    "outside": "web.visit.state",
}


def change(one: Change, currency: str, locale: str) -> FieldChange:
    """One field with its name and both values in the reader's language."""
    return FieldChange(
        field=one.field,
        name=name(one.field, locale),
        before=None if one.before is None else value(one.field, one.before, currency, locale),
        after=None if one.after is None else value(one.field, one.after, currency, locale),
    )


def name(field: str, locale: str) -> str:
    """What a field is called; where it has no words of its own, its kind and which one."""
    head, _, rest = field.partition(".")
    if i18n.known(key := f"api.case_field.{head}.{rest}"):
        return i18n.text(key, locale)
    first, _, which = rest.partition(".")
    return i18n.text(f"api.case_field.{head}", locale, which=_which(head, first, which, locale))


def _which(head: str, first: str, which: str, locale: str) -> str:
    keys = {
        "paper": f"lending.item.{first}",
        "check": f"web.identity.check.{first}",
        "register": f"web.register.{first}",
        "outside": f"lending.offline_kind.{first}",
        "party": f"lending.role.{first}",
        "warning": f"web.warning.{first}",
        "around": f"lending.condition.{which.partition('.')[0]}",
        "figure": f"api.case_figure.{first}",
    }
    key = keys.get(head, "")
    return i18n.text(key, locale) if i18n.known(key) else first


def value(field: str, said: str, currency: str, locale: str) -> str:
    """A value as people read it: money with its currency, codes as words, everything else as it is kept."""
    head = field.partition(".")[0]
    if field.endswith("_minor") and said.lstrip("-").isdigit():
        return i18n.money(int(said), currency, locale)
    if field in ("asked.share", "verdict.pd") or head == "finding":
        return _percent(said, locale)
    if field == "verdict.outcome":
        return i18n.text(f"lending.outcome.{said}", locale)
    if field == "verdict.reasons":
        return "; ".join(_reason(code, locale) for code in said.split())
    if field == "asked.purpose" and i18n.known(f"papers.purpose.{said}"):
        return i18n.text(f"papers.purpose.{said}", locale)
    if head in VALUES and i18n.known(key := f"{VALUES[head]}.{said}"):
        return i18n.text(key, locale)
    if said in ("true", "false"):
        return i18n.text(f"api.case_value.{said}", locale)
    if head == "warning":
        return i18n.text("api.case_value.open", locale)
    if field.startswith("around.condition."):
        return i18n.text(f"lending.condition_state.{said}", locale)
    if head == "collateral":
        state, _, worth = said.partition(" ")
        words = i18n.text(f"lending.collateral.{state}", locale)
        return f"{words} · {i18n.money(int(worth), currency, locale)}" if worth else words
    if head == "party":
        state = said.partition(" ")[0]
        return i18n.text(f"lending.party_state.{state}", locale) if i18n.known(f"lending.party_state.{state}") else said
    return said


def _reason(code: str, locale: str) -> str:
    """A reason in words, its figures left open: they stand in the reasons themselves."""
    key = reason_key(code)
    return i18n.text(key, locale, **dict.fromkeys(i18n.parameters(key), "…"))


def _percent(said: str, locale: str) -> str:
    try:
        return i18n.percent(Decimal(said), locale)
    except InvalidOperation:
        return said
