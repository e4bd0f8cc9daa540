"""What people and machines may say to a running workflow: the updates' arguments and answers.

``command_id`` is the id of the command's row and of the update; whatever an act causes is derived from it, so an act
said twice has one effect. Only ids and small scalars cross; what a person typed is in Postgres already.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lending.applications import Stage


@dataclass(frozen=True)
class Progress:
    """The answer to an act, given after its effects are committed: the projection's stage and version."""

    stage: str
    version: int
    problem: str | None = None


@dataclass(frozen=True)
class StartApplication:
    """What an ``Application`` is started with."""

    application_id: UUID
    clock_id: str
    jurisdiction: str


@dataclass(frozen=True)
class Begin:
    """The owner began an application; its row exists."""

    command_id: UUID


@dataclass(frozen=True)
class Identify:
    """Name, id number, firm and account are in the rows: check them."""

    command_id: UUID


@dataclass(frozen=True)
class Reopen:
    """The owner goes back to who they are; what was typed and given stays."""

    command_id: UUID


@dataclass(frozen=True)
class GiveConsent:
    """The consents are in their ledger: check and go on."""

    command_id: UUID


@dataclass(frozen=True)
class AddStatement:
    """A bill was stored: read it."""

    command_id: UUID
    file_id: UUID


@dataclass(frozen=True)
class Submit:
    """The owner asks for a decision (also again, after a decline, with other terms or more evidence)."""

    command_id: UUID


@dataclass(frozen=True)
class AskReview:
    """The owner asks a person to look at a machine's no."""

    command_id: UUID


@dataclass(frozen=True)
class ChooseOffer:
    """The owner takes one of the offers."""

    command_id: UUID
    offer_id: UUID


@dataclass(frozen=True)
class Sign:
    """The owner signs; the one-time code was used up in the transaction that wrote the command."""

    command_id: UUID
    code_id: UUID
    terms_hash: str


@dataclass(frozen=True)
class Withdraw:
    """The owner does not want the loan any more."""

    command_id: UUID


Act = Begin | Identify | Reopen | GiveConsent | AddStatement | Submit | AskReview | ChooseOffer | Sign | Withdraw

# What may be done where; anything else is refused with the stage's name, and nothing happens.
WELCOME: dict[Stage, tuple[type, ...]] = {
    Stage.DRAFT: (Begin, Withdraw),
    Stage.IDENTITY: (Identify, Withdraw),
    Stage.CONSENT: (GiveConsent, Reopen, Withdraw),
    Stage.EVIDENCE: (AddStatement, Submit, Reopen, Withdraw),
    Stage.REVIEW: (Withdraw,),
    Stage.DECLINED: (AddStatement, Submit, AskReview, Reopen, Withdraw),
    Stage.OFFERED: (ChooseOffer, AddStatement, Submit, Reopen, Withdraw),
    Stage.SIGNING: (Sign, ChooseOffer, Reopen, Withdraw),
}


@dataclass(frozen=True)
class ClockMoved:
    """Business time jumped or changed speed: look again how long to wait."""

    segment: int


@dataclass(frozen=True)
class StartTask:
    """What an ``OfflineTask`` is started with."""

    task_id: UUID
    clock_id: str


@dataclass(frozen=True)
class FinishTask:
    """A person finished the task; what they decided is in the command's row."""

    command_id: UUID


@dataclass(frozen=True)
class StartPayout:
    """What a ``Payout`` is started with."""

    payout_id: UUID
    clock_id: str


@dataclass(frozen=True)
class CancelPayout:
    """The owner or the desk stops a payout that has not left."""

    command_id: UUID


@dataclass(frozen=True)
class LookAgain:
    """Somebody whom the payout waits for has answered; what they said is in the rows."""

    command_id: UUID


@dataclass(frozen=True)
class RailSaid:
    """A callback of the rail came in: go and ask the rail (a callback itself proves nothing)."""

    event_id: str


@dataclass(frozen=True)
class PayoutEnd:
    """How a payout ended: credited, cancelled or returned."""

    state: str


@dataclass(frozen=True)
class StartLoan:
    """What a ``Loan`` is started and continued with: small, since it is carried for years."""

    loan_id: UUID
    clock_id: str
    welcomed: bool = False
    runs: int = 0


@dataclass(frozen=True)
class LoanSettled:
    """The close found nothing owed any more."""

    on: date


@dataclass(frozen=True)
class StartLine:
    """What a ``CreditLine`` is started and continued with: small, since it is carried for a year."""

    line_id: UUID
    clock_id: str
    filed: bool = False
    runs: int = 0


@dataclass(frozen=True)
class Draw:
    """The owner draws on the line. ``share`` None: the line's own; ``entrusted``: to the seller whom they named;
    ``signs``: what speaks against it being them, as codes."""

    command_id: UUID
    amount_minor: int
    share: str | None = None
    entrusted: bool = False
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActOnLine:
    """Somebody of the lender changes the line; what and why is in the command's row."""

    command_id: UUID


@dataclass(frozen=True)
class AskLineReview:
    """The owner asks a person to look at what was done to the line."""

    command_id: UUID


@dataclass(frozen=True)
class StartCalendar:
    """What a ``Calendar`` is started and continued with."""

    jurisdiction: str
    clock_id: str
    last_closed: date | None = None


@dataclass(frozen=True)
class DayClosed:
    """A ``DailyClose`` reports its day."""

    on: date


@dataclass(frozen=True)
class StartClose:
    """What a ``DailyClose`` is started with."""

    jurisdiction: str
    on: date


@dataclass(frozen=True)
class StartPaper:
    """What an ``IdentityPaper`` is started with."""

    paper_id: UUID


@dataclass(frozen=True)
class ReadPaper:
    """A photo of an identity paper was stored."""

    command_id: UUID


@dataclass(frozen=True)
class StartMail:
    """What a ``BillMail`` is started with."""

    mail_id: str
    application_id: UUID


@dataclass(frozen=True)
class TakeMail:
    """A mail came to an application's mailbox."""

    command_id: UUID


@dataclass(frozen=True)
class StartStepUp:
    """What a ``StepUp`` is started with."""

    proof_id: UUID


@dataclass(frozen=True)
class ProveAnew:
    """The owner proves who they are once more, for one act."""

    command_id: UUID


@dataclass(frozen=True)
class StartSeeing:
    """What a ``Seeing`` is started with."""

    task_id: UUID
    clock_id: str


@dataclass(frozen=True)
class SeePerson:
    """Somebody chose a slot to be seen by a manager; the task's row exists."""

    command_id: UUID


@dataclass(frozen=True)
class StartParty:
    """What a ``Party`` is started with."""

    party_id: UUID
    clock_id: str


@dataclass(frozen=True)
class InviteParty:
    """The applicant asks somebody to take part; the part's row exists."""

    command_id: UUID


@dataclass(frozen=True)
class ProveParty:
    """The party said who they are: check them."""

    command_id: UUID


@dataclass(frozen=True)
class SignPart:
    """The party signs; the one-time code was used up in the transaction that wrote the command."""

    command_id: UUID
    code_id: UUID
    terms_hash: str


@dataclass(frozen=True)
class EndPart:
    """The party declines, or the applicant takes the invitation back: ``state`` says which."""

    command_id: UUID
    state: str


PartyAct = InviteParty | ProveParty | SignPart | EndPart


@dataclass(frozen=True)
class StartData:
    """What a ``DataRequest`` is started with."""

    request_id: UUID


@dataclass(frozen=True)
class FulfilData:
    """A request about somebody's data was written down."""

    command_id: UUID


@dataclass(frozen=True)
class StartPayee:
    """What a ``Payee`` is started with; ``file_id``: a list of invoices that came with the name, to be read first."""

    payee_id: UUID
    application_id: UUID | None = None
    file_id: UUID | None = None


@dataclass(frozen=True)
class NamePayee:
    """The owner named a seller to be paid."""

    command_id: UUID


@dataclass(frozen=True)
class StartLoanPaper:
    """What a ``LoanPaper`` is started with."""

    order_id: UUID


@dataclass(frozen=True)
class PrintPaper:
    """An order for a paper was written down."""

    command_id: UUID
