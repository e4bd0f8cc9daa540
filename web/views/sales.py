"""Bills for a running loan: on its owner's page, and on the desk's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views.sales import SalesFileView
from web.views.parts import Form


@dataclass(frozen=True)
class SalesPage:
    """``bring``: None where nothing may be brought; ``confirm``: of what was read and waits for a yes, by id."""

    loan_id: str
    bring: Form | None
    files: tuple[SalesFileView, ...] = ()
    confirm: Mapping[str, Form] = field(default_factory=dict[str, Form])


@dataclass(frozen=True)
class SalesDeskPage:
    """What a person has to look at, each with its form."""

    files: tuple[SalesFileView, ...] = ()
    forms: Mapping[str, Form] = field(default_factory=dict[str, Form])
    acts: tuple[str, ...] = ("count", "fill", "leave")
