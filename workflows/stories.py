"""All workflows, for whoever runs or replays them."""

from workflows.application import Application
from workflows.bill_mail import BillMail
from workflows.calendar import Calendar
from workflows.close import DailyClose
from workflows.collateral import Collateral
from workflows.collection_case import CollectionCase
from workflows.committee import Committee
from workflows.credit_line import CreditLine
from workflows.data_request import DataRequest
from workflows.identity_paper import IdentityPaper
from workflows.invoice_paper import InvoicePaper
from workflows.leave import Leave
from workflows.loan import Loan
from workflows.loan_paper import LoanPaper
from workflows.offline_task import OfflineTask
from workflows.party import Party
from workflows.payee import Payee
from workflows.payout import Payout
from workflows.receivable import Receivable
from workflows.sales_file import SalesFile
from workflows.seeing import Seeing
from workflows.step_up import StepUp

STORIES: tuple[type, ...] = (
    Application,
    BillMail,
    Calendar,
    Collateral,
    CollectionCase,
    Committee,
    CreditLine,
    DailyClose,
    DataRequest,
    IdentityPaper,
    InvoicePaper,
    Leave,
    Loan,
    LoanPaper,
    OfflineTask,
    Party,
    Payee,
    Payout,
    Receivable,
    SalesFile,
    Seeing,
    StepUp,
)
