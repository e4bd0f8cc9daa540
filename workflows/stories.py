"""All workflows, for whoever runs or replays them."""

from workflows.application import Application
from workflows.calendar import Calendar
from workflows.close import DailyClose
from workflows.identity_paper import IdentityPaper
from workflows.loan import Loan
from workflows.offline_task import OfflineTask
from workflows.payout import Payout

STORIES: tuple[type, ...] = (Application, Calendar, DailyClose, IdentityPaper, Loan, OfflineTask, Payout)
