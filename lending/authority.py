"""Who may approve what (授权表, P34): by role, amount, exposure of the group, grade, security and exceptions.

The table is data (``policies/authority.yaml``), the weakest role first; its last row is the committee. Nobody approves
what is their own or a relative's, nor what they brought as its manager, whatever the table gives them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lending.refusals import AuthorityExceeded, ManagerOfCase, SelfApproval

COMMITTEE = "committee"


class Exceeds(StrEnum):
    """What of a case a role may not answer for."""

    AMOUNT = "amount"
    GROUP = "group"
    GRADE = "grade"
    EXCEPTION = "exception"


class Exceptional(StrEnum):
    """What a yes to this case would make an exception of.

    ``against_score``: the score says no; ``no_score``: nothing scored it; ``limit_broken``: the group's limit of the
    policy; ``to_explain``: something in the evidence does not look like business; ``warned``: a borrower with an open
    sign of difficulty.
    """

    AGAINST_SCORE = "against_score"
    NO_SCORE = "no_score"
    LIMIT_BROKEN = "limit_broken"
    TO_EXPLAIN = "to_explain"
    WARNED = "warned"


@dataclass(frozen=True, slots=True)
class Row:
    """What one role may approve. Amounts in minor units, None without a limit; ``grades`` and ``exceptions`` None: any.

    ``waives``: whether the role may let a condition of a yes go.
    """

    role: str
    unsecured_minor: int | None
    secured_minor: int | None
    group_minor: int | None
    grades: frozenset[str] | None
    exceptions: frozenset[Exceptional] | None
    waives: bool

    def limit_minor(self, *, secured: bool) -> int | None:
        """The highest amount of one yes."""
        return self.secured_minor if secured else self.unsecured_minor


@dataclass(frozen=True, slots=True)
class Wanted:
    """A yes that somebody wants to give. ``group_minor``: what the group owes or answers for with it."""

    amount_minor: int
    group_minor: int
    grade: str | None
    secured: bool
    exceptions: frozenset[Exceptional] = frozenset()


@dataclass(frozen=True, slots=True)
class Involved:
    """Who has a part in a case, by person and not by login: its managers, and those who said that it is their own, a
    relative's or a friend's."""

    managers: frozenset[str] = frozenset()
    tied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CommitteeRules:
    """How the committee (贷审会) decides. ``passes_at``: (yes, of so many) of those who voted yes or no.

    ``chair_stops``: a no of the chair refuses, whatever the others say. ``chair_overrides``: a yes of the chair passes
    what the others refused; a lender that wants this has to write it down. ``within``: business time that a vote
    takes unless the chair gives another, up to ``at_most``.
    """

    members_least: int
    quorum: int
    passes_at: tuple[int, int]
    chair_stops: bool
    chair_overrides: bool
    within: timedelta
    at_most: timedelta


@dataclass(frozen=True, slots=True)
class AuthorityTable:
    """The rows, the weakest first."""

    rows: tuple[Row, ...]
    version: str = ""
    by_role: dict[str, Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_role", {row.role: row for row in self.rows})
        if len(self.by_role) != len(self.rows):
            raise ValueError("a role stands here twice")
        if not self.rows or self.rows[-1].role != COMMITTEE:
            raise ValueError("the last row is the committee's, which everything can go up to")
        last = self.rows[-1]
        if (last.unsecured_minor, last.secured_minor, last.group_minor, last.grades, last.exceptions) != (None,) * 5:
            raise ValueError("nothing goes further up than the committee: it has no limit")
        for lower, higher in zip(self.rows, self.rows[1:], strict=False):
            if not _at_least(higher, lower):
                raise ValueError(f"{higher.role}: may approve at least what {lower.role} may")


def _at_least(higher: Row, lower: Row) -> bool:
    amounts = (
        (higher.unsecured_minor, lower.unsecured_minor),
        (higher.secured_minor, lower.secured_minor),
        (higher.group_minor, lower.group_minor),
    )
    for more, less in amounts:
        if more is not None and (less is None or more < less):
            return False
    sets = ((higher.grades, lower.grades), (higher.exceptions, lower.exceptions))
    return all(more is None or (less is not None and less <= more) for more, less in sets)


def exceeded(row: Row, wanted: Wanted) -> tuple[Exceeds, ...]:
    """What of this yes is above a role, in the order of the table's columns; nothing: the role may give it."""
    limit = row.limit_minor(secured=wanted.secured)
    found: list[Exceeds] = []
    if limit is not None and wanted.amount_minor > limit:
        found.append(Exceeds.AMOUNT)
    if row.group_minor is not None and wanted.group_minor > row.group_minor:
        found.append(Exceeds.GROUP)
    # Without a grade nothing is known of it that a table could weigh: that is the exception "no_score".
    if row.grades is not None and wanted.grade is not None and wanted.grade not in row.grades:
        found.append(Exceeds.GRADE)
    if row.exceptions is not None and not wanted.exceptions <= row.exceptions:
        found.append(Exceeds.EXCEPTION)
    return tuple(found)


def strongest(table: AuthorityTable, roles: Collection[str]) -> Row | None:
    """The row of whoever holds these roles; None for roles that approve nothing."""
    return next((row for row in reversed(table.rows) if row.role in roles), None)


def goes_to(table: AuthorityTable, wanted: Wanted) -> Row:
    """The weakest role that may give this yes: where it goes up to."""
    return next(row for row in table.rows if not exceeded(row, wanted))


def not_by(employee: str, involved: Involved) -> None:
    """Raise for somebody who may not approve this case at all."""
    if employee in involved.tied:
        raise SelfApproval
    if employee in involved.managers:
        raise ManagerOfCase


def require(table: AuthorityTable, wanted: Wanted, *, roles: Collection[str], employee: str, involved: Involved) -> Row:
    """The row under which this person may give this yes.

    Raises :class:`SelfApproval` and :class:`ManagerOfCase` for whoever has a part in it, :class:`AuthorityExceeded`
    with the first thing that is above them and the role that it goes up to.
    """
    not_by(employee, involved)
    row = strongest(table, roles)
    above = exceeded(row, wanted) if row is not None else (Exceeds.AMOUNT,)
    if row is None or above:
        raise AuthorityExceeded(exceeds=above[0].value, goes_to=goes_to(table, wanted).role)
    return row
