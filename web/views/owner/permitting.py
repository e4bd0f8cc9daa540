"""What is asked to be allowed, each thing with its own words and its own form."""

from dataclasses import dataclass

from web.views.parts import Form


@dataclass(frozen=True)
class ConsentItem:
    """One thing that is asked for: in our words (``web.consent.<purpose>…``) and in the words that are agreed to."""

    purpose: str
    text: str
    text_hash: str
    days: int
    needed: bool = True
    given: bool = False


@dataclass(frozen=True)
class Permission:
    """One thing that is asked for by itself, with the form that gives it."""

    item: ConsentItem
    form: Form


@dataclass(frozen=True)
class ConsentsPage:
    form: Form
    items: tuple[ConsentItem, ...]
