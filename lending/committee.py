"""The committee (贷审会, P34): votes that are bound to the case as voted on, counted by the rules in force.

A vote on a case that changed afterwards is void, and does not count to the quorum; nor does who abstained or stepped
back. Whether the chair's no stops and whether their yes overrides the others is data (``policies/authority.yaml``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lending.authority import CommitteeRules
from lending.refusals import CommitteeTooSmall


class Say(StrEnum):
    """What a member says."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    RECUSED = "recused"


class Outcome(StrEnum):
    """How a case of the agenda ends. ``void``: it changed, and what was said of it as it is now is not enough."""

    PASSED = "passed"
    REFUSED = "refused"
    NO_QUORUM = "no_quorum"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's word, by person, on the case under this hash; ``n`` counts that member's words on it."""

    employee: str
    say: Say
    case_hash: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted: employees by what they said, and those whose word is void."""

    outcome: Outcome
    yes: tuple[str, ...]
    no: tuple[str, ...]
    abstained: tuple[str, ...]
    recused: tuple[str, ...]
    void: tuple[str, ...]


def convene(members: Sequence[str], chair: str, rules: CommitteeRules) -> tuple[str, ...]:
    """The members, each person once. Raises :class:`CommitteeTooSmall` for fewer than the rules ask."""
    once = tuple(dict.fromkeys([chair, *members]))
    if len(once) < rules.members_least:
        raise CommitteeTooSmall(least=rules.members_least)
    return once


def last_words(votes: Sequence[Vote]) -> dict[str, Vote]:
    """Each member's last word, by member."""
    found: dict[str, Vote] = {}
    for vote in sorted(votes, key=lambda one: one.n):
        found[vote.employee] = vote
    return found


def everybody_spoke(votes: Sequence[Vote], members: Sequence[str], case_hash: str) -> bool:
    """Whether nobody is awaited: each member's last word is about the case as it is."""
    words = last_words(votes)
    return all(member in words and words[member].case_hash == case_hash for member in members)


def may_be_turned(
    votes: Sequence[Vote], members: Sequence[str], *, chair: str, case_hash: str, rules: CommitteeRules
) -> tuple[str, ...]:
    """Who has not spoken yet and could still turn what the others decided; empty where nothing is decided, or nobody
    can. Whoever closes a vote over their heads would choose the outcome."""
    tally = count(votes, chair=chair, case_hash=case_hash, rules=rules)
    words = last_words(votes)
    missing = tuple(one for one in members if one not in words or words[one].case_hash != case_hash)
    if tally.outcome not in (Outcome.PASSED, Outcome.REFUSED):
        return ()
    said = words[chair].say if chair in words and chair not in missing else None
    chairs = (Say.YES, Say.NO, None) if chair in missing else (said,)
    for yes in range(len(missing) + 1):
        for no in range(len(missing) + 1 - yes):
            ends = {_outcome(len(tally.yes) + yes, len(tally.no) + no, one, bool(tally.void), rules) for one in chairs}
            if ends != {tally.outcome}:
                return missing
    return ()


def count(votes: Sequence[Vote], *, chair: str, case_hash: str, rules: CommitteeRules) -> Tally:
    """The outcome under the hash of the case as it is now."""
    words = last_words(votes)
    standing = {member: vote.say for member, vote in words.items() if vote.case_hash == case_hash}
    void = tuple(sorted(member for member in words if member not in standing))

    def who(say: Say) -> tuple[str, ...]:
        return tuple(sorted(member for member, said in standing.items() if said is say))

    yes, no = who(Say.YES), who(Say.NO)
    return Tally(
        outcome=_outcome(len(yes), len(no), standing.get(chair), bool(void), rules),
        yes=yes,
        no=no,
        abstained=who(Say.ABSTAIN),
        recused=who(Say.RECUSED),
        void=void,
    )


def _outcome(yes: int, no: int, chair: Say | None, voided: bool, rules: CommitteeRules) -> Outcome:
    if yes + no < rules.quorum:
        return Outcome.VOID if voided else Outcome.NO_QUORUM
    if chair is Say.NO and rules.chair_stops:
        return Outcome.REFUSED
    part, of = rules.passes_at
    if yes * of >= (yes + no) * part:
        return Outcome.PASSED
    return Outcome.PASSED if chair is Say.YES and rules.chair_overrides else Outcome.REFUSED
