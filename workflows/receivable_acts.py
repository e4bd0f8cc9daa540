"""What people say to a running receivable: see :mod:`workflows.acts`."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class StartReceivable:
    """What a ``Receivable`` is started with."""

    receivable_id: UUID
    clock_id: str


@dataclass(frozen=True)
class OfferReceivable:
    """An invoice was offered for a line; its row exists."""

    command_id: UUID


@dataclass(frozen=True)
class JudgeReceivable:
    """A person compared it with the one that it is like: another invoice, or the same."""

    command_id: UUID
    clears: bool


@dataclass(frozen=True)
class LookAtReceivable:
    """The owner says that the buyer has answered: look now."""

    command_id: UUID


@dataclass(frozen=True)
class ProveReceivable:
    """Papers instead of the buyer's word: those that were brought for it and that a person took. ``proofs``: what older
    requests named, kept as it was said."""

    command_id: UUID
    proofs: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class PledgeReceivable:
    """The owner pledges it; the one-time code was used up in the transaction that wrote the command."""

    command_id: UUID
    code_id: UUID


@dataclass(frozen=True)
class NoteReceivable:
    """The desk heard something: disputed, undisputed, credited, paid, barred, unbarred, or takes one of the two with an
    amount back (uncredited, unpaid)."""

    command_id: UUID
    fact: str
    amount_minor: int = 0


@dataclass(frozen=True)
class ReleaseReceivable:
    """The owner takes it back."""

    command_id: UUID


ReceivableAct = (
    OfferReceivable
    | JudgeReceivable
    | LookAtReceivable
    | ProveReceivable
    | PledgeReceivable
    | NoteReceivable
    | ReleaseReceivable
)


@dataclass(frozen=True)
class StartInvoicePaper:
    """What an ``InvoicePaper`` is started with."""

    paper_id: UUID


@dataclass(frozen=True)
class ReadInvoice:
    """An e-invoice was stored."""

    command_id: UUID
