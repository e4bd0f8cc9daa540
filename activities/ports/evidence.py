"""Bills into lines."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from activities.ports.intake import Standing


@dataclass(frozen=True)
class FileToRead:
    """An uploaded bill to be read into lines."""

    application_id: UUID
    cause: UUID
    file_id: UUID


@dataclass(frozen=True)
class FileRead:
    """What became of it; ``problem`` is the code of what could not be understood."""

    standing: Standing
    months: int
    lines: int
    duplicates: int
    problem: str | None = None


class Evidence(ABC):
    """What an owner uploads."""

    @activity.defn
    @abstractmethod
    async def read_statement(self, file: FileToRead) -> FileRead:
        """Read one bill in a child process and COPY its lines; all of it or nothing."""

    @activity.defn
    @abstractmethod
    async def give_up_reading(self, file: FileToRead) -> FileRead:
        """Reading failed for reasons of ours, many times: the file is set aside and the owner is told."""
