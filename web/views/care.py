"""What the desk's pages about models and fairness show; figures come as the API tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views import (
    AlarmView,
    BesideLine,
    FairnessReport,
    ModelFile,
    ModelLine,
    OverrideReport,
    WarningView,
    WatchLine,
)
from infra import i18n
from web.views.parts import Form
from web.wording import Say, trade


@dataclass(frozen=True)
class AlarmCard:
    """An alarm in words, with the form that closes it for whoever may."""

    seen: AlarmView
    title: Say
    text: Say
    form: Form | None


@dataclass(frozen=True)
class ModelsPage:
    """The registry, what rang, and the last night's figures."""

    models: tuple[ModelLine, ...]
    alarms: tuple[AlarmCard, ...]
    closed: tuple[AlarmCard, ...]
    watched: tuple[WatchLine, ...]
    beside: tuple[BesideLine, ...] = ()


@dataclass(frozen=True)
class ModelPage:
    """One model: its card, its figures, and the forms of whoever may propose or answer."""

    seen: ModelFile
    watched: tuple[WatchLine, ...]
    propose: Form | None
    answer: Form | None
    shares: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TreatmentPage:
    """How people decided against the score, and how kinds of firms fared at the same terms."""

    overrides: OverrideReport
    fairness: FairnessReport

    def named(self, group: str) -> Say | str:
        """A group in words where it is a band or a trade of ours; region codes are shown as they are."""
        key = f"web.treatment.group.{group.replace(' ', '_')}"
        return Say(key) if i18n.known(key) else trade(group)


@dataclass(frozen=True)
class WarningPage:
    """A borrower's sign of difficulty."""

    seen: WarningView
    customer: str
    number: str
    loan_href: str
    customer_href: str
    form: Form | None
