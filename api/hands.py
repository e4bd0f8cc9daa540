"""Whose hand does something: through which channel, for whom, and with which rights in the database."""

from dataclasses import dataclass
from uuid import UUID

from api.caller import Caller
from lending.application_steps import Channel


@dataclass(frozen=True, slots=True)
class Hand:
    """Who types or brings: through which channel, for whom, and with which rights in the database."""

    channel: Channel
    person_id: UUID
    scope: str | None = None

    @property
    def person(self) -> UUID | None:
        """Whose rows alone a transaction may see; None where the scope says more."""
        return None if self.scope else self.person_id


def owners(caller: Caller) -> Hand:
    """The owner's own hand."""
    return Hand(Channel.OWNER, caller.person_id)


def managers(person_id: UUID) -> Hand:
    """A manager's, for a customer."""
    return Hand(Channel.MANAGER, person_id, "staff")
