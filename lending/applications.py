"""An application from draft to money or no: its stages, who acts in each, by when, and what the public sees."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lending.refusals import NotInThisStage


class Stage(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    IDENTITY = "identity"
    CONSENT = "consent"
    EVIDENCE = "evidence"
    DECIDING = "deciding"
    REVIEW = "review"
    OFFERED = "offered"
    SIGNING = "signing"
    PAYING = "paying"
    FUNDED = "funded"
    OPENED = "opened"  # a line's contract is signed: draws are applications of their own
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Actor(StrEnum):
    """Whose move it is."""

    OWNER = "owner"
    MANAGER = "manager"
    SYSTEM = "system"
    BANK = "bank"
    NOBODY = "nobody"


class Step(StrEnum):
    """What the owner does, the same number of times in every channel: three steps to a decision, two to the money."""

    IDENTITY = "identity"
    AUTHORISATION = "authorisation"
    SUPPLEMENT = "supplement"
    CHOICE = "choice"
    SIGNATURE = "signature"


class FiveStages(StrEnum):
    """The five public stages of a loan: 了解, 选择, 提交认证, 使用, 办结或延续."""

    LEARN = "learn"
    CHOOSE = "choose"
    SUBMIT = "submit"
    USE = "use"
    FINISH = "finish"


class Phase(StrEnum):
    """贷前, 贷中, 贷后."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class StageRule:
    """What is true of a stage: ``answer_within`` is business time; None where the application has ended."""

    actor: Actor
    answer_within: timedelta | None
    public: FiveStages
    phase: Phase
    step: Step | None
    leads_to: tuple[Stage, ...]


# Sixty days in which the owner does nothing end an application: bills and checks are too old to lend on after that.
LAPSES_AFTER = timedelta(days=60)
# Journey 1 promises a decision in 20 seconds; this is the promise that is shown, with room for a slow bureau (3 × 30
# s).
DECISION_WITHIN = timedelta(minutes=2)
# One working day, so that a person who asks on a Friday evening is not told a lie: shown as a date, never as a
# countdown.
REVIEW_WITHIN = timedelta(days=1)
# The rail answers within seconds; past this the page says that we ask the bank and who tells the owner when.
PAYOUT_WITHIN = timedelta(minutes=30)

_GIVE_UP = (Stage.WITHDRAWN, Stage.LAPSED)
# While it is the owner's move and nothing is signed they may say anew who they are; what hangs on it follows anew.
_AGAIN = (Stage.IDENTITY, *_GIVE_UP)

RULES: dict[Stage, StageRule] = {
    Stage.DRAFT: StageRule(
        Actor.OWNER, LAPSES_AFTER, FiveStages.CHOOSE, Phase.BEFORE, Step.IDENTITY, (Stage.IDENTITY, *_GIVE_UP)
    ),
    Stage.IDENTITY: StageRule(
        Actor.OWNER, LAPSES_AFTER, FiveStages.SUBMIT, Phase.BEFORE, Step.IDENTITY, (Stage.CONSENT, *_GIVE_UP)
    ),
    Stage.CONSENT: StageRule(
        Actor.OWNER, LAPSES_AFTER, FiveStages.SUBMIT, Phase.BEFORE, Step.AUTHORISATION, (Stage.EVIDENCE, *_AGAIN)
    ),
    Stage.EVIDENCE: StageRule(
        Actor.OWNER, LAPSES_AFTER, FiveStages.SUBMIT, Phase.BEFORE, Step.SUPPLEMENT, (Stage.DECIDING, *_AGAIN)
    ),
    Stage.DECIDING: StageRule(
        Actor.SYSTEM,
        DECISION_WITHIN,
        FiveStages.SUBMIT,
        Phase.DURING,
        None,
        (Stage.OFFERED, Stage.REVIEW, Stage.DECLINED, Stage.EVIDENCE, *_GIVE_UP),
    ),
    Stage.REVIEW: StageRule(
        Actor.MANAGER,
        REVIEW_WITHIN,
        FiveStages.SUBMIT,
        Phase.DURING,
        None,
        (Stage.OFFERED, Stage.DECLINED, Stage.EVIDENCE, *_GIVE_UP),
    ),
    Stage.OFFERED: StageRule(
        Actor.OWNER,
        LAPSES_AFTER,
        FiveStages.SUBMIT,
        Phase.DURING,
        Step.CHOICE,
        (Stage.SIGNING, Stage.DECIDING, *_AGAIN),
    ),
    Stage.SIGNING: StageRule(
        Actor.OWNER,
        LAPSES_AFTER,
        FiveStages.SUBMIT,
        Phase.DURING,
        Step.SIGNATURE,
        (Stage.PAYING, Stage.OPENED, Stage.OFFERED, *_AGAIN),
    ),
    Stage.PAYING: StageRule(
        Actor.BANK,
        PAYOUT_WITHIN,
        FiveStages.SUBMIT,
        Phase.DURING,
        None,
        # Cancelled within the delay, or refused by the bank and not curable: the contract is undone and nothing is
        # owed.
        (Stage.FUNDED, Stage.WITHDRAWN),
    ),
    Stage.FUNDED: StageRule(Actor.NOBODY, None, FiveStages.USE, Phase.AFTER, None, ()),
    Stage.OPENED: StageRule(Actor.NOBODY, None, FiveStages.USE, Phase.AFTER, None, ()),
    # A decline is an answer and no dead end: a person may look again, or the owner changes the amount or adds evidence.
    Stage.DECLINED: StageRule(
        Actor.OWNER,
        LAPSES_AFTER,
        FiveStages.FINISH,
        Phase.DURING,
        None,
        (Stage.REVIEW, Stage.EVIDENCE, Stage.DECIDING, *_AGAIN),
    ),
    Stage.WITHDRAWN: StageRule(Actor.NOBODY, None, FiveStages.FINISH, Phase.BEFORE, None, ()),
    Stage.LAPSED: StageRule(Actor.NOBODY, None, FiveStages.FINISH, Phase.BEFORE, None, ()),
}


def next_stages(stage: Stage) -> tuple[Stage, ...]:
    """The stages that may follow; empty where the application has ended."""
    return RULES[stage].leads_to


def advance(stage: Stage, to: Stage) -> Stage:
    """Go to ``to``, or refuse: no stage is skipped, none is entered twice by a late message."""
    if to not in RULES[stage].leads_to:
        raise NotInThisStage(stage=stage.value, step=to.value)
    return to


def is_over(stage: Stage) -> bool:
    """Whether nothing follows."""
    return not RULES[stage].leads_to
