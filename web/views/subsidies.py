"""The desk's page of subsidies: what was claimed of which body, and what came."""

from dataclasses import dataclass

from api.views import SubsidyClaimView
from web.views.parts import Form


@dataclass(frozen=True)
class SubsidiesPage:
    """The claims; the forms of whoever may claim: ``make`` one (of ``schemes``), say that one was ``paid``."""

    claims: tuple[SubsidyClaimView, ...] = ()
    schemes: tuple[str, ...] = ()
    make: Form | None = None
    paid: Form | None = None
