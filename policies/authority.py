"""The files of who may approve what, and of the conditions of a yes, as the rules take them."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from lending.authority import AuthorityTable, CommitteeRules, Exceptional, Row
from lending.conditions import ConditionKind, Owner, Proof
from lending.money import Money
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount

Code = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
Span = Annotated[timedelta, Field(gt=timedelta(0))]


class RowSection(Section):
    """One role; what is left out is not limited."""

    role: Code
    unsecured: Amount | None = None
    secured: Amount | None = None
    group: Amount | None = None
    grades: tuple[Annotated[str, Field(pattern=r"^[A-E]$")], ...] | None = None
    exceptions: tuple[Exceptional, ...] | None = None
    waives: bool


class CommitteeSection(Section):
    """``within``: business time to the end of a vote, and ``at_most`` the longest that a chair may give."""

    members_least: Annotated[int, Field(ge=3)]
    quorum: Annotated[int, Field(ge=2)]
    passes_at: Annotated[str, Field(pattern=r"^[1-9]/[1-9]$")]
    chair_stops: bool
    chair_overrides: bool
    within: Span
    at_most: Span


class AuthorityFile(PolicyFile):
    """The table and the committee's rules."""

    currency: Literal["CNY"]
    rows: Annotated[tuple[RowSection, ...], Field(min_length=2)]
    committee: CommitteeSection


class ConditionSection(Section):
    id: Code
    owner: Owner
    proofs: Annotated[tuple[Proof, ...], Field(min_length=1)]
    within: Span


class ConditionsFile(PolicyFile):
    """All kinds of conditions."""

    kinds: Annotated[tuple[ConditionSection, ...], Field(min_length=1)]


def authority_of(file: AuthorityFile, known: frozenset[str]) -> AuthorityTable:
    """The table. Raises :class:`PolicyError` for an unknown role, or a row that is weaker than the one below it."""
    for one in file.rows[:-1]:
        if one.role not in known:
            raise PolicyError("authority.yaml", f"rows.{one.role}", f"unknown role; known: {', '.join(sorted(known))}")
    try:
        return AuthorityTable(tuple(_row(one) for one in file.rows), file.version)
    except ValueError as error:
        raise PolicyError("authority.yaml", "rows", str(error)) from error


def _row(one: RowSection) -> Row:
    return Row(
        role=one.role,
        unsecured_minor=_minor(one.unsecured),
        secured_minor=_minor(one.secured),
        group_minor=_minor(one.group),
        grades=frozenset(one.grades) if one.grades is not None else None,
        exceptions=frozenset(one.exceptions) if one.exceptions is not None else None,
        waives=one.waives,
    )


def _minor(amount: Amount | None) -> int | None:
    return None if amount is None else Money.parse(amount).minor


def committee_of(file: AuthorityFile) -> CommitteeRules:
    """How the committee decides. Raises :class:`PolicyError` for a share above one, or a quorum nobody can reach."""
    said = file.committee
    yes, of = (int(part) for part in said.passes_at.split("/"))
    if not yes <= of < 2 * yes:
        raise PolicyError("authority.yaml", "committee.passes_at", "more than half of the votes, and not above all")
    if said.quorum > said.members_least:
        raise PolicyError("authority.yaml", "committee.quorum", "not above members_least")
    if said.within > said.at_most:
        raise PolicyError("authority.yaml", "committee.within", "not above at_most")
    return CommitteeRules(
        members_least=said.members_least,
        quorum=said.quorum,
        passes_at=(yes, of),
        chair_stops=said.chair_stops,
        chair_overrides=said.chair_overrides,
        within=said.within,
        at_most=said.at_most,
    )


def condition_kinds(file: ConditionsFile) -> dict[str, ConditionKind]:
    """The catalogue by id. Raises :class:`PolicyError` for an id that stands there twice."""
    found: dict[str, ConditionKind] = {}
    for one in file.kinds:
        if one.id in found:
            raise PolicyError("conditions.yaml", f"kinds.{one.id}", "stands here twice")
        found[one.id] = ConditionKind(one.id, one.owner, frozenset(one.proofs), one.within)
    return found
