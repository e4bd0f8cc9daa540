"""Every business "no", each a class with one stable code. The words a person reads are in locales/lending.yaml.

What such a "no" is, and how it crosses a process border, stands in :mod:`lending.refusing`.
"""

from lending.refusals_at_desk import ApprovalPromised as ApprovalPromised
from lending.refusals_at_desk import DutiesOpen as DutiesOpen
from lending.refusals_at_desk import GlassShut as GlassShut
from lending.refusals_at_desk import MoveClosed as MoveClosed
from lending.refusals_at_desk import MoveImpossible as MoveImpossible
from lending.refusals_at_desk import MoveOpen as MoveOpen
from lending.refusals_at_desk import NeedsTwoPeople as NeedsTwoPeople
from lending.refusals_at_desk import NotSecuredYet as NotSecuredYet
from lending.refusals_at_desk import ProofStale as ProofStale
from lending.refusals_at_desk import RateInWords as RateInWords
from lending.refusals_at_desk import ReasonMissing as ReasonMissing
from lending.refusals_at_desk import ReviewClosed as ReviewClosed
from lending.refusals_of_plans import BreathingTooLong as BreathingTooLong
from lending.refusals_of_plans import BreathingTooSoon as BreathingTooSoon
from lending.refusals_of_plans import BreathingUsedUp as BreathingUsedUp
from lending.refusals_of_plans import LoanIsLate as LoanIsLate
from lending.refusals_of_plans import NothingChanges as NothingChanges
from lending.refusals_of_plans import PlanChangedLately as PlanChangedLately
from lending.refusals_of_plans import PlanMoved as PlanMoved
from lending.refusals_of_plans import WindowsPutOff as WindowsPutOff
from lending.refusing import Param as Param
from lending.refusing import Refusal as Refusal
from lending.refusing import refusal_from as refusal_from
from lending.refusing import type_of as type_of


# --- who is asking, and may they -------------------------------------------------------------------------------------
class IdentityMismatch(Refusal, code="identity_mismatch", params=("check",)):
    """An identity check answered "not this person" or "not this firm"."""


class IdentityNotProven(Refusal, code="identity_not_proven"):
    """A step that needs a proven identity came before one."""


class WrongCode(Refusal, code="wrong_code", params=("tries_left",)):
    """The one-time code does not match."""


class CodeExpired(Refusal, code="code_expired"):
    """The one-time code is too old or was used."""


class TooManyTries(Refusal, code="too_many_tries", params=("wait_minutes",)):
    """Tries are used up for a while."""


class LoanLives(Refusal, code="loan_lives"):
    """Nothing is erased while a loan is not repaid: both sides still need what it rests on (个保法 47)."""


class ConsentMissing(Refusal, code="consent_missing", params=("purpose",)):
    """The owner has not allowed this use of data, or took the consent back, or it ran out."""


# --- the application -------------------------------------------------------------------------------------------------
class NotInThisStage(Refusal, code="not_in_this_stage", params=("stage", "step")):
    """The act does not belong to where the application stands."""


class ApplicationOpen(Refusal, code="application_open"):
    """One application at a time: another of this firm is still open."""


class RenewalTooSmall(Refusal, code="renewal_too_small", params=("payoff_minor", "currency")):
    """A new loan that pays the old one off is larger than what ends it."""


class AmountOutOfRange(Refusal, code="amount_out_of_range", params=("lowest_minor", "highest_minor", "currency")):
    """The amount is outside what the product lends."""


class MonthsOutOfRange(Refusal, code="months_out_of_range", params=("shortest", "longest")):
    """The term is outside what the product allows."""


class ShareOutOfRange(Refusal, code="share_out_of_range", params=("lowest_percent", "highest_percent")):
    """The share of revenue is outside what the product allows."""


class OutsidePolicy(Refusal, code="outside_policy", params=("rule",)):
    """A named rule of the policy in force does not allow this."""


# --- evidence --------------------------------------------------------------------------------------------------------
class BillKnown(Refusal, code="bill_known"):
    """The same bill is there already; this one is not needed."""


class PapersMissing(Refusal, code="papers_missing", params=("item",)):
    """A paper that this kind of applicant has to bring is not there, or what was brought will not do."""


class EvidenceMissing(Refusal, code="evidence_missing", params=("captured", "offline_kind"), added=("lackings",)):
    """A task outside is not done before what it was for has been brought home. ``lackings``: each kind that is missing,
    how many are, and of how many; ``captured``: the first of them."""


class RecordingNotReady(Refusal, code="recording_not_ready"):
    """Nothing was recorded of a live video yet, or its provider has not made it ready."""


class RecordingNotAgreed(Refusal, code="recording_not_agreed"):
    """Nobody is recorded who did not agree to it before."""


class NotTheirTask(Refusal, code="not_their_task", params=("who",)):
    """A task outside is for whoever has it, or for a lead; ``who``: the name of whoever has it."""


class NotItsDayYet(Refusal, code="not_its_day_yet"):
    """Nobody was there before the day that was arranged, nor where none was (P33)."""


class WayNotBooked(Refusal, code="way_not_booked", params=("offline_way",)):
    """What was arranged one way is not finished another: it is booked anew. ``offline_way``: as it was arranged."""


class SlotTaken(Refusal, code="slot_taken"):
    """Whoever would come has promised this hour to somebody else meanwhile."""


class OfflineStepMissing(Refusal, code="offline_step_missing", params=("offline_kind",)):
    """A yes needs a step outside that nobody has taken yet."""


class NotEnoughHistory(Refusal, code="not_enough_history", params=("months_seen", "months_needed")):
    """The bills cover too few months to judge."""


class StatementNotUnderstood(Refusal, code="statement_not_understood", params=("line", "why")):
    """The file is no bill that we can read; says where and why."""


class FileTooLarge(Refusal, code="file_too_large", params=("limit_mb",)):
    """The file is larger than what we take."""


class FileAlreadyGiven(Refusal, code="file_already_given"):
    """The very same file is already among the evidence."""


# --- offer, key facts, signature -------------------------------------------------------------------------------------
class OfferExpired(Refusal, code="offer_expired"):
    """The offer's last day has passed."""


class OfferUnknown(Refusal, code="offer_unknown"):
    """No such plan was offered to this application."""


class KeyFactsNotOpened(Refusal, code="key_facts_not_opened", params=("seconds_left",)):
    """The key facts were not opened, or not for as long as the policy asks."""


class PaperDiffers(Refusal, code="paper_differs", params=("printed", "shown")):
    """The contract on paper has other terms than the one on the screen; the first digits of both fingerprints (B5)."""


class TermsChanged(Refusal, code="terms_changed"):
    """What would be signed is not what was shown: the hashes of the terms differ."""


class AlreadySigned(Refusal, code="already_signed"):
    """The contract is signed; a second signature would mean a second contract."""


class PartiesNotSigned(Refusal, code="parties_not_signed", params=("role",)):
    """Somebody who takes part has not signed these terms: no money moves before every party has."""


class PartyAlreadyAsked(Refusal, code="party_already_asked"):
    """The same person was asked for the same part, or so many were asked that a person should look."""


class PartyIsApplicant(Refusal, code="party_is_applicant"):
    """Nobody stands beside themselves."""


class SeatTaken(Refusal, code="seat_taken"):
    """The same person has a seat at this firm, or so many have one that a person should look."""


class SeatYourOwn(Refusal, code="seat_your_own"):
    """An owner needs no seat at their own firm."""


class SeatOver(Refusal, code="seat_over"):
    """The offer or the seat has ended: it can be given anew."""


class PartyRequired(Refusal, code="party_required"):
    """The decision asks for this part: it can be taken by somebody else, not dropped."""


# --- money -----------------------------------------------------------------------------------------------------------
class PayoutNotCancellable(Refusal, code="payout_not_cancellable"):
    """The money is on its way or has arrived."""


class PayeeNotProven(Refusal, code="payee_not_proven"):
    """The account that money should go to is not proven to be the borrower's."""


class StepUpNeeded(Refusal, code="step_up_needed"):
    """So much money takes a fresh proof of identity, given for this very amount and payee, besides the code."""


class FactorJustChanged(Refusal, code="factor_just_changed", params=("until_at",)):
    """So much money does not leave within a day of a change of what its owner proves themselves with."""


class HoldAnswered(Refusal, code="hold_answered"):
    """The question was answered already, or somebody calls by now."""


class ApprovalVoid(Refusal, code="approval_void"):
    """Amount, payee or terms are not those that were approved: the approval is void."""


class PayeeMissing(Refusal, code="payee_missing", params=("limit_minor",)):
    """So much money goes only to a named seller, against an invoice."""


class NotOnPaper(Refusal, code="not_on_paper", params=("covers_minor",)):
    """The invoices owe a seller of this name less than would be paid."""


class LineFrozen(Refusal, code="line_frozen", params=("clause",)):
    """The line is frozen by a clause of its contract; a person looks again if its owner asks."""


class LineClosed(Refusal, code="line_closed", params=("clause",)):
    """The line is closed for new draws; what is drawn runs on by its own terms."""


class LineOver(Refusal, code="line_over", params=("on",)):
    """The line could be drawn on until this day."""


class LineStays(Refusal, code="line_stays", params=("state",)):
    """The change would change nothing, or not in that direction."""


class LineNeedsALook(Refusal, code="line_needs_a_look"):
    """What is known now does not carry another draw by itself: a person looks first."""


class RegistersSilent(Refusal, code="registers_silent"):
    """What must be asked again before money is paid does not answer just now."""


class AboveAvailable(Refusal, code="above_available", params=("available_minor", "currency")):
    """More than is free on the line."""


class AboveBase(Refusal, code="above_base", params=("base_minor", "available_minor", "currency")):
    """More than the pledged receivables count for today; nothing registered counts for nothing (民法典 445)."""


class ReceivableKnown(Refusal, code="receivable_known"):
    """The same invoice is pledged, or about to be, by whomever and wherever."""


class ReceivableNotFit(Refusal, code="receivable_not_fit", params=("bar",)):
    """The invoice cannot be pledged: why, as a bar of :class:`lending.receivables.Bar`."""


class InvoiceNotVerified(Refusal, code="invoice_not_verified", params=("state",)):
    """The tax bureau knows no such invoice, or knows that it was voided or taken back in red ink."""


class NotSupported(Refusal, code="receivable_not_supported", params=("proof",)):
    """Neither has its buyer confirmed it nor do papers prove it; the next paper that is missing."""


class CollateralKnown(Refusal, code="collateral_known"):
    """The same thing secures a loan, or its contract is signed, whoever brought it."""


class CollateralShort(Refusal, code="collateral_short", params=("carries_minor", "asked_minor", "currency")):
    """What is offered carries less than what is asked for (P18)."""


class CollateralNotValued(Refusal, code="collateral_not_valued", params=("carries_minor", "asked_minor", "currency")):
    """What valuers have found so far carries less than that; the rest is being valued (journey 2)."""


class CollateralNotShort(Refusal, code="collateral_not_short"):
    """A piece is added where less is carried than is owed; here nothing is (B8)."""


class SameValuer(Refusal, code="same_valuer"):
    """The second look is for somebody else than the first (B4)."""


class ReportUsed(Refusal, code="report_used"):
    """One report stands behind one value: a second look has a report of its own (B4)."""


class ValuerNotAllowed(Refusal, code="valuer_not_allowed", params=("firm", "on")):
    """A firm's word counts for the kinds that its licence has, until its last day."""


class ValuationOpen(Refusal, code="valuation_open"):
    """Whoever goes to see the thing has not finished; then its value is written down."""


class ClauseNotSigned(Refusal, code="clause_not_signed", params=("clause",)):
    """The contract of this line has no such clause, or the clause does not allow this (P16)."""


class LoanClosed(Refusal, code="loan_closed"):
    """The loan is paid in full."""


class ContentDiffers(Refusal, code="content_differs"):
    """The same cause came again with other content."""


# --- annual rates ----------------------------------------------------------------------------------------------------
class NoAnnualRate(Refusal, code="no_annual_rate", params=("why",)):
    """These flows have no annual rate: nothing was lent, nothing is repaid, or less is repaid than was lent."""


class SeveralAnnualRates(Refusal, code="several_annual_rates"):
    """More than one rate discounts these flows to zero, so none of them is *the* rate."""


# --- the credit desk -------------------------------------------------------------------------------------------------
class CaseHeld(Refusal, code="case_held"):
    """Somebody else at the desk has this case."""


class CaseChanged(Refusal, code="case_changed"):
    """The case is not what was seen when this was said about it."""


class AuthorityExceeded(Refusal, code="authority_exceeded", params=("exceeds", "goes_to")):
    """This yes is above the role's authority: what of it, and the role that it goes up to."""


class SamePerson(Refusal, code="same_person"):
    """What takes two people is confirmed by another one than whoever said it, by person and not by login (四眼)."""


class SelfApproval(Refusal, code="self_approval"):
    """Nobody approves what is their own, a relative's or a friend's."""


class ManagerOfCase(Refusal, code="manager_of_case"):
    """Whoever brought or visited a case as its manager does not approve it."""


class ConditionsOpen(Refusal, code="conditions_open", params=("condition",)):
    """A condition of the yes is open: no money is let go before it is met or waived."""


class ConditionClosed(Refusal, code="condition_closed"):
    """The condition was met or waived already, or belongs to a yes that does not stand any more."""


class ProofDoesNotFit(Refusal, code="proof_does_not_fit", params=("proof_problem",)):
    """What was shown does not prove this condition."""


class RateOutsideCatalogue(Refusal, code="rate_outside_catalogue", params=("annual_rate", "product")):
    """No product in force has this price for anybody: it cannot be promised, and the attempt is on record."""


class FigureWithoutSource(Refusal, code="figure_without_source", params=("figure",)):
    """A report says a number that the file does not have."""


class InvestigationIncomplete(Refusal, code="investigation_incomplete"):
    """Two people look into so large a case, and not both have signed the report that stands (双人调查)."""


class CommitteeTooSmall(Refusal, code="committee_too_small", params=("least",)):
    """The committee has fewer members than its rules ask."""


class NotAMember(Refusal, code="not_a_member"):
    """Only members vote, and only the chair closes the vote."""


class SittingClosed(Refusal, code="sitting_closed"):
    """The vote is over: nothing more is counted."""


class OnAgenda(Refusal, code="on_agenda"):
    """The committee is voting on this case: nobody else decides it meanwhile."""


ALL_REFUSALS: tuple[type[Refusal], ...] = tuple(type_of.values())
