"""The page of the book's classes at the desk."""

from dataclasses import dataclass
from uuid import UUID

from api.views.classing import ClassBook
from web.views.parts import Form


@dataclass(frozen=True)
class ClassForms:
    """What may be done with one loan: propose, or answer a proposal. ``mine``: it waits for another person."""

    propose: Form | None = None
    answer: Form | None = None
    mine: bool = False


@dataclass(frozen=True)
class ClassesPage:
    """The book with what may be done; ``classes``: those that a form offers."""

    book: ClassBook
    forms: dict[UUID, ClassForms]
    classes: tuple[str, ...] = ()
