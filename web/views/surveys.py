"""The page of the one question after a payoff, and the desk's of its answers."""

from dataclasses import dataclass

from api.views.survey import SurveySpread
from web.views.parts import Form


@dataclass(frozen=True)
class SurveyPage:
    """``form`` while it is asked; afterwards only thanks."""

    loan_id: str
    form: Form | None = None


@dataclass(frozen=True)
class SpreadPage:
    """How the answers lie."""

    seen: SurveySpread
