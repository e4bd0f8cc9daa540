"""A draft on a page, the owner's or the manager's: its fields into the form, and what two people typed differently."""

from collections.abc import Mapping

from api.problems import DraftChanged
from api.views import DraftView
from lending.application_steps import KEPT
from lending.profiles import DEPENDS, Profiles
from web.asking import shown
from web.views.owner import Differing, DraftNote
from web.wording import Say

# The labels of fields that stand elsewhere than on the identity page.
LABELS = {name: f"web.home.{name}" for name in ("amount", "months", "share", "revenue", "how")}


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """What of a form belongs into a draft."""
    return {name: form[name] for name in KEPT if name in form}


def seen_in(form: Mapping[str, str]) -> int:
    """The version that the form was made from; 0 for none."""
    text = form.get("draft_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def values_of(draft: DraftView | None) -> dict[str, str]:
    """Its fields for a form."""
    return {one.name: one.value for one in draft.fields} if draft else {}


def note_of(draft: DraftView | None, no: DraftChanged | None = None, *, saved: bool = False) -> DraftNote | None:
    """What is said of it; the owner's own page adds its forms."""
    draft = no.draft if no else draft
    if draft is None:
        return None
    return DraftNote(
        version=draft.version,
        kept_until=draft.kept_until,
        channel=draft.channel,
        reminders=shown("/apply/draft/reminders") if draft.reminders else None,
        throw_away=shown("/apply/draft/away"),
        differs=tuple(Differing(label_of(one.name), one.theirs, one.channel) for one in no.differs) if no else (),
        saved=saved,
        proven=tuple(Say(f"web.identity.check.{one.check}") for one in draft.proven),
    )


def asking_of(profiles: Profiles) -> dict[str, str]:
    """The kinds of business that each field is asked of, as classes of the page: the others' are not shown."""
    return {name: " ".join(kind.value for kind, one in profiles.items() if one.asks(name)) for name in DEPENDS}


def label_of(name: str) -> Say:
    """The label of a field as the form has it."""
    return Say(LABELS.get(name, f"web.identity.{name}"))
