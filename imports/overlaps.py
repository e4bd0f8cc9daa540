"""The same account told twice in different words: as a csv with times and as a printed page without, for instance.

Lines of one source have one fingerprint in all its exports. Where an account is exported in another form, times, names
and numbers are written otherwise, and what stays is the day, the way, the amount and the running balance.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from imports import layouts
from imports.lines import Flag, NormalisedLine, plain_name
from imports.statements import Statement

# Without a balance or a number to go by, a day and an amount alone prove nothing: only where nearly all lines of the
# days that both files cover agree, and there are some, are the files the same account.
ENOUGH_ALIKE = 3
NEARLY_ALL = 0.8

_Place = tuple[str, int, int, str]


def told_before(earlier: Iterable[Statement], later: Statement) -> set[int]:
    """Which lines of ``later``, by their position, are lines of an earlier file in another form."""
    return set(twins(earlier, later))


def twins(earlier: Iterable[Statement], later: Statement) -> dict[int, NormalisedLine]:
    """The same with the earlier line that each of them is; no earlier line is two later ones."""
    again: dict[int, NormalisedLine] = {}
    for file in earlier:
        if _could_be_one_account(file, later):
            again |= _paired(file, later, again)
    return again


def _could_be_one_account(one: Statement, other: Statement) -> bool:
    tails = {one.summary.account_tail, other.summary.account_tail} - {""}
    named = {one.summary.layout, other.summary.layout} - {layouts.TABLE}
    return len(tails) < 2 and len(named) < 2 and one.summary.currency == other.summary.currency


def _paired(file: Statement, later: Statement, gone: Container[int]) -> dict[int, NormalisedLine]:
    free: dict[_Place, list[NormalisedLine]] = defaultdict(list)
    for line in file.lines:
        free[_place(line)].append(line)
    surely: dict[int, NormalisedLine] = {}
    alike: dict[int, NormalisedLine] = {}
    covered = 0
    first, last = file.summary.first_day, file.summary.last_day
    for at, line in enumerate(later.lines):
        if at in gone or not first <= line.on_date <= last:
            continue
        covered += 1
        there = free[_place(line)]
        if (proved := next((one for one in there if _proved(one, line)), None)) is not None:
            there.remove(proved)
            surely[at] = proved
        elif (like := next((one for one in there if _alike(one, line)), None)) is not None:
            there.remove(like)
            alike[at] = like
    found = len(surely) + len(alike)
    return surely | alike if len(alike) and found >= max(ENOUGH_ALIKE, NEARLY_ALL * covered) else surely


def _place(line: NormalisedLine) -> _Place:
    return line.on_date, line.direction, line.amount_minor, line.currency


def _proved(one: NormalisedLine, other: NormalisedLine) -> bool:
    """Whether a number of the source or the running balance says that two lines of a day are one movement."""
    if one.fingerprint == other.fingerprint:
        return True
    if one.reference and one.reference == other.reference:
        return True
    return one.balance_minor is not None and one.balance_minor == other.balance_minor


def _alike(one: NormalisedLine, other: NormalisedLine) -> bool:
    """Whether nothing speaks against it: no other balance, no other minute, no other name."""
    if one.balance_minor is not None and other.balance_minor is not None:
        return False
    if not (one.flags | other.flags) & Flag.DATE_ONLY and one.at[:16] != other.at[:16]:
        return False
    return _agree(_names(one), _names(other))


def _names(line: NormalisedLine) -> Sequence[str]:
    return [name for text in (line.counterparty, line.description) if (name := plain_name(text))]


def _agree(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a name stands in the other's words, perhaps cut short or masked; where one says nothing, it agrees."""
    if not ours or not theirs:
        return True
    return any(_within(one, other) for one in ours for other in theirs)


def _within(one: str, other: str) -> bool:
    short, long = sorted((one.strip("*."), other.strip("*.")), key=len)
    return bool(short) and short in long
