"""Every way to say no, as problem+json (RFC 9457): one table from refusal to status, and the API's own problems.

A problem has a stable ``code``; its words come from the catalogue in both languages, and never quote the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from api.views import DraftDifference, DraftView
from api.wire import present
from lending import refusals, refusals_at_desk, refusals_of_plans, refusals_of_security
from lending.refusals import Refusal

Params = Mapping[str, Any]

# The one table. A refusal that is missing here fails a test, not a customer.
STATUS: dict[type[Refusal], int] = {
    refusals.IdentityMismatch: 422,
    refusals.IdentityNotProven: 409,
    refusals.WrongCode: 422,
    refusals.CodeExpired: 410,
    refusals.TooManyTries: 429,
    refusals.ConsentMissing: 409,
    refusals.LoanLives: 409,
    refusals.NotInThisStage: 409,
    refusals.ApplicationOpen: 409,
    refusals.AmountOutOfRange: 422,
    refusals.RenewalTooSmall: 422,
    refusals.BreathingTooSoon: 422,
    refusals.BreathingTooLong: 422,
    refusals.BreathingUsedUp: 409,
    refusals.LoanIsLate: 409,
    refusals.PlanChangedLately: 409,
    refusals.WindowsPutOff: 409,
    refusals.NothingChanges: 422,
    refusals.PlanMoved: 409,
    refusals_of_plans.WeightsTooUneven: 422,
    refusals_of_plans.DueDaysTooNear: 422,
    refusals_of_plans.ReminderAtNight: 422,
    refusals_of_plans.NothingToShare: 409,
    refusals.MonthsOutOfRange: 422,
    refusals.ShareOutOfRange: 422,
    refusals.OutsidePolicy: 422,
    refusals.NotEnoughHistory: 422,
    refusals.PapersMissing: 409,
    refusals.EvidenceMissing: 409,
    refusals.OfflineStepMissing: 409,
    refusals.RecordingNotReady: 409,
    refusals.RecordingNotAgreed: 409,
    refusals.NotTheirTask: 409,
    refusals.WayNotBooked: 409,
    refusals.NotItsDayYet: 409,
    refusals.SlotTaken: 409,
    refusals_at_desk.TakenOutsideTask: 422,
    refusals_at_desk.MoneyBeside: 422,
    refusals_at_desk.CodesAsked: 422,
    **dict.fromkeys((refusals_at_desk.WordsHeld, refusals_at_desk.WordsReturned), 409),
    refusals_at_desk.OwnWords: 403,
    refusals_at_desk.WordsAnswered: 409,
    refusals_at_desk.NumberDiffers: 409,
    refusals_at_desk.VotesAwaited: 409,
    refusals_at_desk.ReportNotTaken: 409,
    refusals_at_desk.ReportStands: 409,
    refusals_at_desk.NumberStands: 409,
    refusals_at_desk.ThingLikeAnother: 409,
    refusals_at_desk.ThingStands: 409,
    refusals_at_desk.AnotherTakesIt: 409,
    refusals_at_desk.PictureNotOpened: 409,
    refusals_at_desk.PictureStands: 409,
    refusals.BillKnown: 409,
    refusals.StatementNotUnderstood: 422,
    refusals.FileTooLarge: 413,
    refusals.FileAlreadyGiven: 409,
    refusals.OfferExpired: 410,
    refusals.OfferUnknown: 404,
    refusals.KeyFactsNotOpened: 409,
    refusals.PaperDiffers: 409,
    refusals.TermsChanged: 409,
    refusals.AlreadySigned: 409,
    refusals.PartiesNotSigned: 409,
    refusals.PartyAlreadyAsked: 409,
    refusals.PartyIsApplicant: 422,
    refusals.PartyRequired: 409,
    refusals.SeatTaken: 409,
    refusals.SeatYourOwn: 422,
    refusals.SeatOver: 409,
    refusals.PayoutNotCancellable: 409,
    refusals.PayeeNotProven: 409,
    refusals.StepUpNeeded: 409,
    refusals.FactorJustChanged: 409,
    refusals.HoldAnswered: 409,
    refusals.ApprovalVoid: 409,
    refusals.PayeeMissing: 409,
    refusals.NotOnPaper: 422,
    refusals.LineFrozen: 409,
    refusals.LineClosed: 409,
    refusals.LineOver: 410,
    refusals.LineStays: 409,
    refusals.LineNeedsALook: 409,
    refusals.RegistersSilent: 503,
    refusals.AboveAvailable: 422,
    refusals.AboveBase: 422,
    refusals.ReceivableKnown: 409,
    refusals_of_security.ReceivableOwn: 409,
    refusals_of_security.InvoiceDiffers: 422,
    refusals.ReceivableNotFit: 422,
    refusals.InvoiceNotVerified: 422,
    refusals.NotSupported: 422,
    refusals.CollateralKnown: 409,
    refusals_of_security.CollateralOwn: 409,
    refusals.CollateralShort: 422,
    refusals.CollateralNotShort: 409,
    refusals.CollateralNotValued: 409,
    refusals.SameValuer: 422,
    refusals.ValuerNotAllowed: 422,
    refusals.ReportUsed: 409,
    refusals.ValuationOpen: 409,
    refusals.ClauseNotSigned: 422,
    refusals.LoanClosed: 409,
    refusals.ContentDiffers: 409,
    refusals.NoAnnualRate: 422,
    refusals.SeveralAnnualRates: 422,
    refusals.ReviewClosed: 409,
    refusals.ReasonMissing: 422,
    refusals.CaseHeld: 409,
    refusals.CaseChanged: 409,
    refusals.AuthorityExceeded: 409,
    refusals.SamePerson: 409,
    refusals.SelfApproval: 409,
    refusals.ManagerOfCase: 409,
    refusals.ConditionsOpen: 409,
    refusals.ConditionClosed: 409,
    refusals.ProofDoesNotFit: 422,
    refusals.RateOutsideCatalogue: 422,
    refusals.RateInWords: 422,
    refusals.ApprovalPromised: 422,
    refusals.DutiesOpen: 409,
    refusals.NotSecuredYet: 409,
    refusals.FigureWithoutSource: 422,
    refusals.InvestigationIncomplete: 409,
    refusals.CommitteeTooSmall: 422,
    refusals.NotAMember: 409,
    refusals.SittingClosed: 409,
    refusals.OnAgenda: 409,
    refusals.NeedsTwoPeople: 409,
    refusals_at_desk.WaivedByApprover: 409,
    refusals_at_desk.VoteStands: 409,
    refusals_at_desk.CaseNotOpened: 409,
    refusals_at_desk.SecondDidNothing: 409,
    refusals_at_desk.SecondNotOpened: 409,
    refusals_at_desk.NotPastDue: 409,
    refusals_at_desk.ClassTooGood: 422,
    **dict.fromkeys(refusals_at_desk.OF_CLASSES, 409),
    refusals_at_desk.PromiseStands: 409,
    refusals_of_plans.ReliefUsedUp: 409,
    refusals_of_plans.ReliefNotOffered: 409,
    refusals_at_desk.DisputeStands: 409,
    refusals_at_desk.NotNow: 409,
    refusals_at_desk.StepDone: 409,
    refusals_at_desk.FactNotTakenBack: 409,
    refusals_at_desk.SecondLook: 409,
    refusals_at_desk.SecondWord: 409,
    refusals_at_desk.EndAnswered: 409,
    refusals_at_desk.SurveyOver: 409,
    refusals_at_desk.EndNotOffered: 409,
    refusals_at_desk.ReleaseOpen: 409,
    refusals_at_desk.ReleaseClosed: 409,
    refusals_at_desk.ReleaseMoved: 409,
    refusals_at_desk.PolicyNotUsable: 422,
    refusals.MoveOpen: 409,
    refusals.MoveClosed: 409,
    refusals.MoveImpossible: 422,
    refusals.ProofStale: 422,
    refusals.GlassShut: 409,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request; ``field`` is its name, or a path such as ``consents/0/purpose``."""

    field: str
    code: str
    params: tuple[tuple[str, str | int], ...] = ()

    @property
    def key(self) -> str:
        """The catalogue key of its words."""
        return f"api.field.{self.code}"


class Problem(Exception):
    """Something the API itself refuses. Subclasses name a code and a status."""

    code: ClassVar[str]
    status: ClassVar[int]

    def __init_subclass__(cls, *, code: str, status: int) -> None:
        super().__init_subclass__()
        cls.code = code
        cls.status = status
        ALL_PROBLEMS[code] = cls

    def __init__(
        self, *, fields: tuple[FieldError, ...] = (), retry_after: float | None = None, **params: str | int
    ) -> None:
        super().__init__(self.code)
        self.fields = fields
        self.retry_after = retry_after
        self.params: Params = params

    @property
    def extension(self) -> Params:
        """Members of the document beside the usual ones."""
        return {}


ALL_PROBLEMS: dict[str, type[Problem]] = {}


class BadJson(Problem, code="bad_json", status=400):
    """The body is not the JSON that was agreed: not parseable, too deep, or with characters that cannot be stored."""


class BadRequest(Problem, code="bad_request", status=400):
    """The request cannot be understood: a header, a parameter, an encoding."""


class KeyMissing(Problem, code="key_missing", status=400):
    """An unsafe request without an Idempotency-Key, or with one that is not 8 to 128 visible characters."""


class NotSignedIn(Problem, code="not_signed_in", status=401):
    """Nobody is signed in, or the session has ended."""


class WrongPassword(Problem, code="wrong_password", status=401):
    """Login, password or second factor do not fit; which of them is not told."""


class CsrfRefused(Problem, code="csrf", status=403):
    """An unsafe request that does not prove that it comes from our own page."""


class Forbidden(Problem, code="forbidden", status=403):
    """Not allowed here at all (a production clock is not moved)."""


class NotFound(Problem, code="not_found", status=404):
    """No such thing, or not this caller's: the two are not told apart."""


class PersonErased(Problem, code="person_erased", status=410):
    """The person had their data erased: nothing of theirs can be shown any more."""


class MethodNotAllowed(Problem, code="method_not_allowed", status=405):
    """The path exists, the method does not."""


class NotAcceptable(Problem, code="not_acceptable", status=406):
    """No representation that the caller would take."""


class Running(Problem, code="running", status=409):
    """The same request is still being carried out."""


class ReplayedSecret(Problem, code="answered_once", status=409):
    """The request under this key was answered with something that is shown only once."""


class Stale(Problem, code="stale", status=412):
    """The thing has changed since the caller looked at it."""


class DraftChanged(Problem, code="draft_changed", status=412):
    """Somebody else changed the same fields of a draft meanwhile. Nothing was saved; ``differs`` shows both."""

    def __init__(self, draft: DraftView, differs: tuple[DraftDifference, ...]) -> None:
        super().__init__()
        self.draft = draft
        self.differs = differs

    @property
    def extension(self) -> Params:
        """The draft as it stands, and what differs."""
        return {"draft": present(self.draft), "differs": present(self.differs)}


class TooLarge(Problem, code="too_large", status=413):
    """The body is larger than this path takes."""


class WrongType(Problem, code="wrong_type", status=415):
    """The body's media type is not taken here."""


class BadFields(Problem, code="bad_fields", status=422):
    """One or more fields are not what they must be; each is named."""


class FileNeedsPassword(Problem, code="file_needs_password", status=422):
    """The file has a password and none was given. It is used once and kept nowhere."""


class FilePasswordWrong(Problem, code="file_password_wrong", status=422):
    """The password given does not open the file."""


class FileDoesNotOpen(Problem, code="file_does_not_open", status=422):
    """The file has a password, and is damaged or larger inside than any bill."""


class KeyReused(Problem, code="key_reused", status=422):
    """The Idempotency-Key was used before with other content."""


class TooManyRequests(Problem, code="too_many_requests", status=429):
    """A limit was reached; it says when to come again."""


class Internal(Problem, code="internal", status=500):
    """A fault of ours; logged under the request's id."""


class Unavailable(Problem, code="unavailable", status=503):
    """Something we need is away: nothing was stored half."""


def of_status(status: int) -> Problem:
    """The problem for a bare status that a framework raised."""
    for kind in (BadRequest, NotSignedIn, NotFound, MethodNotAllowed, NotAcceptable, TooLarge, WrongType, Unavailable):
        if kind.status == status:
            return kind()
    return Internal() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest()
