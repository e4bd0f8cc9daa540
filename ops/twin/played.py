"""The policy that is played: the files that ship, with some of them replaced."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import yaml

from lending.calendars import Jurisdiction
from lending.contact_policy import Rules
from policies.book import PolicyBook, load
from policies.collections import CollectionsFile, collection_rules
from policies.contact_rules import contact_rules
from policies.files import PolicyError, read_text
from policies.releases import PRODUCTS, UNDERWRITING, Released
from policies.within_the_law import price_cap

PRODUCT = "revenue_linked_working_capital"
JURISDICTION = Jurisdiction.CN
# Which file it is, by a key that no other kind has.
GRADES, TREATMENTS, REPAYMENT = "grades", "treatments", "repayment"
ROOMS = {GRADES: UNDERWRITING, REPAYMENT: PRODUCTS}


@dataclass(frozen=True, slots=True)
class Played:
    """``files``: (name, text) of each that replaces a shipped one. No name and no files: the policy as it ships."""

    name: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Law:
    """What of the law the twin holds its book to. ``cap``: of annual rates; None where it hangs on an index."""

    contact: Rules
    offset: timedelta
    cap: float | None


def played(paths: tuple[Path, ...]) -> Played:
    """These files in the place of the shipped ones; :class:`PolicyError` for one that is none of them."""
    files = tuple((path.name, _text(path)) for path in paths)
    return Played("+".join(path.stem for path in paths), files)


@lru_cache(maxsize=8)
def book_of(policy: Played) -> PolicyBook:
    """The whole book, checked as any installation's is. Files of collections stand over the shipped ones' room."""
    released: list[Released] = []
    treatments: list[tuple[str, str]] = []
    for number, (name, text) in enumerate(policy.files, 1):
        kind = kind_of(name, text)
        if kind == TREATMENTS:
            treatments.append((name, text))
        else:
            released.append(Released(number, ROOMS[kind], text))
    try:
        book = load(released=released)
    except PolicyError as error:
        names = {one.source: policy.files[one.number - 1][0] for one in released}
        raise PolicyError(names.get(error.file, error.file), error.key, error.problem) from error
    for name, text in treatments:
        rules = collection_rules(read_text(name, text, CollectionsFile), book.purposes, book.in_app)
        version = sha256(f"{book.version}/{text}".encode()).hexdigest()[:16]
        book = replace(book, collections=rules, version=version)
    return book


def kind_of(name: str, text: str) -> str:
    """What a file replaces: underwriting, a product, or collections."""
    try:
        read: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(name, "", " ".join(str(error).split())) from error
    if isinstance(read, dict):
        for key in (GRADES, TREATMENTS, REPAYMENT):
            if key in read:
                return key
    raise PolicyError(
        name, "", "a file of underwriting (grades), of a product (repayment) or of collections (treatments)"
    )


def law_of(book: PolicyBook) -> Law:
    """The rules of contact and the cap of annual rates."""
    law = book.jurisdiction(JURISDICTION.value)
    rules = contact_rules(law, book.contact, book.calendars.get(JURISDICTION.value))
    cap = price_cap(law)
    return Law(rules, JURISDICTION.utc_offset, None if cap is None else float(cap))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(path.name, "", " ".join(str(error).split())) from error
