"""All workflows, for whoever runs or replays them."""

from workflows.application import Application
from workflows.calendar import Calendar
from workflows.close import DailyClose
from workflows.identity_paper import IdentityPaper
from workflows.loan import Loan
from workflows.offline_task import OfflineTask
from workflows.payee import Payee
from workflows.payout import Payout
from workflows.step_up import StepUp

STORIES: tuple[type, ...] = (
    Application,
    Calendar,
    DailyClose,
    IdentityPaper,
    Loan,
    OfflineTask,
    Payee,
    Payout,
    StepUp,
)
