"""What an owner is refused who changes the plan of a living loan: :mod:`lending.plans` raises these."""

from lending.refusing import Refusal


class BreathingTooSoon(Refusal, code="breathing_too_soon", params=("from_on", "to_on")):
    """A breathing space begins between these days: not before the loan ran a while, nor before the last one is over."""


class BreathingTooLong(Refusal, code="breathing_too_long", params=("days",)):
    """One breathing space lasts a day at least and so many at the most."""


class BreathingUsedUp(Refusal, code="breathing_used_up", params=("days", "a_year")):
    """So many days of a year's breathing space are left."""


class LoanIsLate(Refusal, code="loan_is_late"):
    """A window ended below the path: what helps now is agreed with a person."""


class PlanChangedLately(Refusal, code="plan_changed_lately", params=("from_on",)):
    """The rhythm was changed a short while ago; again from this day."""


class WindowsPutOff(Refusal, code="windows_put_off", params=("times",)):
    """No window can be put off any more: so often was agreed, and the last one has no next."""


class WeightsTooUneven(Refusal, code="weights_too_uneven", params=("least_percent", "heaviest")):
    """A weight for each month of the year, from 1 to ``heaviest``, the smallest no less than a part of the biggest."""


class DueDaysTooNear(Refusal, code="due_days_too_near", params=("earlier_on", "later_on", "days")):
    """Two due days would lie so near that the second could not be announced: so many days lie between them at least."""


class ReminderAtNight(Refusal, code="reminder_at_night", params=("from_hour", "to_hour")):
    """Letters leave in an hour of the day: quiet hours hold whatever is wished for."""


class NothingChanges(Refusal, code="nothing_changes"):
    """What is asked for is no choice, or is as it is already."""


class PlanMoved(Refusal, code="plan_moved"):
    """The loan has moved on since this change was shown: it is shown anew before it is agreed."""


class NothingToShare(Refusal, code="nothing_to_share"):
    """Sales of this account are nothing to this loan: it is repaid on dates, or is over."""


class ReliefUsedUp(Refusal, code="relief_used_up", params=("times",)):
    """Relief was agreed so often within a year: a person looks for another way with the owner."""


class ReliefNotOffered(Refusal, code="relief_not_offered"):
    """Nobody asked for this way, it is no choice of this loan, or the desk has not answered yet."""
