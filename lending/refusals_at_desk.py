"""What the lender's own people are refused: words that may not leave, a yes whose file has gaps, a rule that moved."""

from lending.refusing import Refusal


class RateInWords(Refusal, code="rate_in_words", params=("said",)):
    """Words to a customer say a rate that is none of theirs: what it costs is quoted from the catalogue."""


class ApprovalPromised(Refusal, code="approval_promised", params=("said",)):
    """Words to a customer promise what nobody has decided yet."""


class MoneyBeside(Refusal, code="money_beside", params=("said",)):
    """Words to a customer ask for money, or for talk, beside the lender's own ways."""


class CodesAsked(Refusal, code="codes_asked", params=("said",)):
    """Words to a customer ask for what only they may know: a code, a password."""


class WordsHeld(Refusal, code="words_held", params=("topics",)):
    """Words to a customer touch what a second person reads first; until then nothing leaves."""


class WordsReturned(Refusal, code="words_returned", params=("reason",)):
    """A second reader gave these words back: they are said in another way."""


class OwnWords(Refusal, code="own_words"):
    """Nobody is the second reader of what they wrote themselves."""


class WordsAnswered(Refusal, code="words_answered"):
    """A second reader has released these words, or gave them back, already."""


class NotSecuredYet(Refusal, code="not_secured_yet", params=("piece",)):
    """A piece that the contract names has no number in its register: nobody lets the money go before (P18)."""


class NumberDiffers(Refusal, code="number_differs", params=("captured",)):
    """A number that was copied on the spot is not the piece's, and nobody explained it: no money on it (P33)."""


class ThingLikeAnother(Refusal, code="thing_like_another", params=("piece",)):
    """A piece's number is that of a thing held before but for a character, and nobody said that they are two (P18)."""


class ThingStands(Refusal, code="thing_stands"):
    """There is nothing to tell apart: no thing that is held has a number near, or somebody said so already."""


class ReportNotTaken(Refusal, code="report_not_taken", params=("piece",)):
    """A valuer's report does not say of which piece it is, or is like another, and nobody took it: no money on it."""


class ReportStands(Refusal, code="report_stands"):
    """There is no word to give: the report leaves nothing open, or somebody took it already."""


class NumberStands(Refusal, code="number_stands"):
    """There is nothing to explain: the number is the piece's, or somebody explained it already."""


class TakenOutsideTask(Refusal, code="taken_outside_task", params=("taken_at", "opened_at", "received_at")):
    """Something says that it was captured before its task was open, or at a time that is still to come."""


class AnotherTakesIt(Refusal, code="another_takes_it"):
    """A photo without place or time is evidence by the word of another than who brought it: of the two, or a lead."""


class PictureNotOpened(Refusal, code="picture_not_opened"):
    """Somebody takes a photo as evidence that they never opened."""


class PictureStands(Refusal, code="picture_stands"):
    """There is no word to give: the photo counts, served elsewhere, or somebody took it already."""


class DutiesOpen(Refusal, code="duties_open", params=("duty",)):
    """The lender's list has a gap for this case: nobody says yes over it, alone or by vote (尽职免责, P33)."""


class WaivedByApprover(Refusal, code="waived_by_approver"):
    """Whoever said yes on a condition, or asked for it, does not let it go: another person with the authority may."""


class VoteStands(Refusal, code="vote_stands"):
    """A member has voted on the case as it is, and may read the others by now: their vote is not changed."""


class CaseNotOpened(Refusal, code="case_not_opened"):
    """A member votes on a case that they never opened."""


class NotPastDue(Refusal, code="not_past_due"):
    """Nothing of the loan is past due: there is nothing to promise and nothing to dispute."""


class PromiseStands(Refusal, code="promise_stands"):
    """A promise is open: another is made once it is over."""


class DisputeStands(Refusal, code="dispute_stands"):
    """It is disputed already, and frozen until it is answered."""


class NotNow(Refusal, code="not_now", params=("because", "again_at")):
    """The rules of contact say no to a call or visit at this moment; ``again_at``: ask again then."""


class StepDone(Refusal, code="step_done"):
    """The step was done, was never begun by you, or nothing is late any more."""


class FactNotTakenBack(Refusal, code="fact_not_taken_back"):
    """A fact that is none of an amount, was taken back before, or whose money has come meanwhile."""


class VotesAwaited(Refusal, code="votes_awaited", params=("missing", "until_at")):
    """So many members have not spoken, and theirs could turn the vote: it ends at its time, or once they have."""


class SecondDidNothing(Refusal, code="second_did_nothing"):
    """The second of two signs what they neither looked at nor have a view of: a signature alone is no second person."""


class SecondNotOpened(Refusal, code="second_not_opened", params=("unopened",)):
    """The second of two did not open what they are the second for: the line, the invoice, its paper."""


# --- the classes of the book -----------------------------------------------------------------------------------------
class ClassTooGood(Refusal, code="class_too_good", params=("least",)):
    """A class that is better than the facts leave; ``least`` is the best one that may be said."""


class ProposalOpen(Refusal, code="proposal_open"):
    """Something is proposed of this loan and waits for its answer."""


class ProposalAnswered(Refusal, code="proposal_answered"):
    """The proposal was answered already."""


class NotWrittenOff(Refusal, code="not_written_off", params=("from_class",)):
    """A loan that may not be written off: its class is too good, it is not live, or it was written off before."""


OF_CLASSES = (ProposalOpen, ProposalAnswered, NotWrittenOff)


# --- models ----------------------------------------------------------------------------------------------------------
class NeedsTwoPeople(Refusal, code="needs_two_people"):
    """Whoever proposed may not also approve."""


class MoveOpen(Refusal, code="move_open"):
    """A proposal for this model waits for its answer already."""


class MoveClosed(Refusal, code="move_closed"):
    """The proposal was answered, or the model plays another part by now."""


class MoveImpossible(Refusal, code="move_impossible", params=("why",)):
    """A model cannot go into this role: it is in it, nothing would decide, or its card is not of this version."""


class GlassShut(Refusal, code="glass_shut"):
    """Nobody allowed this look, or its hour is over, or somebody else asked for it."""


class ProofStale(Refusal, code="proof_stale"):
    """What is asked for needs the six digits of the authenticator from a moment ago."""


class ReviewClosed(Refusal, code="review_closed"):
    """The review was already answered."""


class ReasonMissing(Refusal, code="reason_missing"):
    """A person's decision needs a written reason."""


class SecondLook(Refusal, code="second_look"):
    """One that is like a pledged invoice is cleared by two: the first said so, and somebody else says it too (D1)."""


class SecondWord(Refusal, code="second_word"):
    """What raises the base is said by two: the first is kept, and it counts when a colleague says so too (D3)."""


class EndAnswered(Refusal, code="end_answered"):
    """What becomes of the loan at its end was answered already."""


class SurveyOver(Refusal, code="survey_over"):
    """The question after the payoff was answered: it is asked once (H5)."""


class EndNotOffered(Refusal, code="end_not_offered"):
    """An extension that nobody wished for, that is longer than may be, or that was not offered (P27)."""


# --- rates and rules that two people release ---------------------------------------------------------------------
class ReleaseOpen(Refusal, code="release_open"):
    """A proposal for this file waits for its answer already."""


class ReleaseClosed(Refusal, code="release_closed"):
    """The proposal was answered before."""


class ReleaseMoved(Refusal, code="release_moved"):
    """What would change is no longer what was shown: something else came into force since, or its day has passed."""


class PolicyNotUsable(Refusal, code="policy_not_usable", params=("file", "place", "problem")):
    """The text is none that could be in force: its form, the law, or another file stands against it."""
