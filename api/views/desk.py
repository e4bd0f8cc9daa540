"""The credit desk: the queue, a case in one screen, what changed, who may say yes, and the conditions of one."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from api.views.diligence import DutyView
from api.views.reason import Reason
from api.views.staff import Corrected, TaskView


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A case at the desk. ``came``: why it came to a person, as codes: referred, exception, review_asked,
    authority_exceeded, near_match or buyer_unknown (a receivable, ``id`` is its own and ``piece`` its words);
    ``role``: whose it is now; ``holder``: who has it, ``mine``: the reader; ``lead``: who was
    named when it was late.
    """

    id: UUID
    application_id: UUID | None
    number: int | None
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    came: tuple[str, ...]
    why: tuple[Reason, ...]
    amount_minor: int
    currency: str
    created_at: datetime
    due_at: datetime
    late: bool
    escalated: bool
    role: str
    holder: str | None
    mine: bool
    conditions_open: int = 0
    piece: str = field(default="", repr=False)
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is not what its reader saw: in words, before and now; None where it was not there."""

    field: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the reader saw of this case, and what is different now. ``sha256`` of what was seen, ``now`` of the case."""

    n: int
    seen_at: datetime
    sha256: str
    now: str
    changed: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """Whether the reader may say yes to what is asked. ``above``: what of it is above their role; ``goes_to``: whose
    it is; ``refused``: the code of what bars them whatever the amount (self_approval, manager_of_case)."""

    may: bool
    role: str | None
    limit_minor: int | None
    amount_minor: int
    group_minor: int
    currency: str
    grade: str | None
    secured: bool
    exceptions: tuple[str, ...]
    above: tuple[str, ...]
    goes_to: str
    refused: str | None


@dataclass(frozen=True, slots=True)
class WentUp:
    """Somebody handed a case up: who, when, to whom, what was above them, and what they would do."""

    by: str
    at: datetime
    to: str
    above: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition of a yes. ``name`` and ``how``: what it is and what to do, in the reader's language; ``words``: what
    exactly, in the desk's own; ``owner``: whose act; ``proof``: what it was proven by."""

    id: UUID
    kind: str
    name: str
    how: str
    words: str
    owner: str
    state: str
    asked_at: datetime
    due_at: datetime
    late: bool
    proof: str | None
    proof_id: UUID | None
    ended_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class ConditionKindView:
    """One kind of the catalogue: whose act, and what proves it."""

    kind: str
    name: str
    how: str
    owner: str
    proofs: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class ProofChoice:
    """Something of the application that can be shown as a proof; ``fits``: of which of its open conditions."""

    proof: str
    id: UUID
    what: str
    name: str
    at: datetime
    fits: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class PartySeen:
    """Who else stands behind a case: their role and where it stands; who they are stays masked."""

    role: str
    liability: str | None
    amount_minor: int | None
    currency: str
    state: str
    phone_masked: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SecuritySeen:
    """Something that secures a case: a receivable, or a piece of collateral. ``amount``: what it is worth as far as
    anybody said; ``advance``: what is lent on it; ``good``: pledged or registered; ``right``: mortgage or pledge, empty
    for one that is over. ``valued``: that worth is accepted and not the model's; ``loan_to_value``, ``rank`` and
    ``prior``, the claims before ours that a search found: as the register has them, or, ``before_registration``, as
    they would be with what is asked (P18); None while nobody knows. A piece that is ``over``
    says who ended it and why, and when."""

    id: UUID
    kind: str
    name: str = field(repr=False)
    state: str
    good: bool
    amount_minor: int | None
    advance_minor: int
    currency: str
    right: str = ""
    valued: bool = True
    loan_to_value: Decimal | None = None
    rank: int | None = None
    prior_minor: int | None = None
    before_registration: bool = False
    over: bool = False
    ended: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """One message of the thread."""

    author: str
    text: str = field(repr=False)
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class WarnedOf:
    """An open sign of difficulty of this borrower."""

    id: UUID
    cause: str
    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ViewBy:
    """What somebody thought of a case before they saw its score."""

    by: str | None
    verdict: str
    amount_minor: int | None
    reason: str
    given_at: datetime
    corrected: tuple[Corrected, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case in one screen. ``task``: the case as its reader may see it yet, with the first view and the visits;
    ``views``: everybody's own, as far as they are open to the reader; ``went_up``: what somebody would do who handed
    it up."""

    application_id: UUID
    number: int
    card: QueueCard
    task: TaskView
    looked: Looked
    authority: AuthorityView
    went_up: tuple[WentUp, ...]
    views: tuple[ViewBy, ...]
    parties: tuple[PartySeen, ...]
    security: tuple[SecuritySeen, ...]
    warnings: tuple[WarnedOf, ...]
    messages: tuple[MessageSeen, ...]
    conditions: tuple[ConditionView, ...]
    proofs: tuple[ProofChoice, ...]
    kinds: tuple[ConditionKindView, ...]


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One row of the table of who may approve what; None where there is no limit, empty tuples where nothing."""

    role: str
    unsecured_minor: int | None
    secured_minor: int | None
    group_minor: int | None
    currency: str
    grades: tuple[str, ...] | None
    exceptions: tuple[str, ...] | None
    waives: bool


@dataclass(frozen=True, slots=True)
class ConditionAtDesk:
    """An open condition with its case, for whoever watches them all."""

    condition: ConditionView
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody who may sit on the committee."""

    employee: str
    name: str


@dataclass(frozen=True, slots=True)
class VoteView:
    """A member's last word. ``say`` None while they have not spoken, or while the reader has not voted themselves;
    ``void``: the case changed after it."""

    employee: str
    name: str
    chair: bool
    spoke: bool
    say: str | None
    words: str | None
    said_at: datetime | None
    void: bool


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A case of a sitting. ``now`` is the hash of the case as it is; ``case_hash`` that of when it was put there.

    ``changed``: the two differ; ``mine``: the reader's own last word, if it stands; ``recuse``: the code of why the
    reader can only step back; ``duties``: what is owed to it, while it is open.
    """

    id: UUID
    n: int
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    amount_minor: int
    currency: str
    conditions: tuple[str, ...]
    state: str
    case_hash: str
    now: str
    changed: bool
    votes: tuple[VoteView, ...]
    mine: str | None
    recuse: str | None
    decided_at: datetime | None
    duties: DutyView | None = None


@dataclass(frozen=True, slots=True)
class SittingView:
    """A sitting of the committee. ``member`` and ``chairs``: what the reader is in it; ``minutes_sha256`` once they
    are sealed."""

    id: UUID
    state: str
    called_at: datetime
    due_at: datetime
    closed_at: datetime | None
    chair: str
    members: tuple[MemberView, ...]
    member: bool
    chairs: bool
    quorum: int
    passes_at: str
    chair_stops: bool
    chair_overrides: bool
    items: tuple[AgendaItem, ...]
    minutes_sha256: str | None


@dataclass(frozen=True, slots=True)
class CommitteeDesk:
    """What a committee can be called for, who can sit on it, and its sittings, the open ones first."""

    waiting: tuple[QueueCard, ...]
    members: tuple[MemberView, ...]
    sittings: tuple[SittingView, ...]
    hours: int
    hours_at_most: int
    members_least: int
