"""Mails with bills."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class MailToTake:
    """A mail at the gateway, and the application whose mailbox it came to."""

    mail_id: str
    application_id: UUID


@dataclass(frozen=True)
class MailTaken:
    """``state``: taken or left; ``files`` that came of it, ``locked`` of them with a password."""

    state: str
    files: int = 0
    locked: int = 0
    problem: str | None = None


class BillMails(ABC):
    """What comes to a mailbox."""

    @activity.defn
    @abstractmethod
    async def take_mail(self, mail: MailToTake) -> MailTaken:
        """Fetch the files, keep each once, have what needs no password read, and tell the owner."""

    @activity.defn
    @abstractmethod
    async def give_up_mail(self, mail: MailToTake) -> MailTaken:
        """The gateway did not give it for a day: the owner is told to send it again or upload it."""
