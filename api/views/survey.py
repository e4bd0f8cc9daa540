"""The one question after a payoff."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SurveyView:
    """Whether the question is asked of this loan: never twice, and never after its owner wanted none."""

    loan_id: UUID
    asks: bool


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often an answer was given; 1 is the worst, 5 the best."""

    answer: int
    loans: int


@dataclass(frozen=True, slots=True)
class SurveySpread:
    """Loans paid off, and how their owners answered. No answer is shown with a name."""

    closed: int
    answered: int
    without: int
    never: int
    answers: tuple[AnswerCount, ...]
