"""How a story takes what people say: one after the other, each answered once, when its effects are committed."""

from typing import Generic, Protocol, TypeVar
from uuid import UUID

from temporalio import workflow

from lending.refusals import Refusal
from workflows.acts import Progress


class Said(Protocol):
    """What somebody said: the id of the command's row."""

    @property
    def command_id(self) -> UUID: ...


S = TypeVar("S", bound=Said)


class Hearing(Generic[S]):
    """``waiting``: what was said and not taken up yet, in that order."""

    def __init__(self) -> None:
        self.waiting: list[S] = []
        self._answers: dict[UUID, Progress | Refusal] = {}

    def answer(self, word: S, answer: Progress | Refusal) -> None:
        """What came of a word: its speaker hears it, now and whenever they say it again."""
        self._answers[word.command_id] = answer

    async def say(self, word: S, *, over: Refusal | None = None) -> Progress:
        """A handler's whole part: lay the word down and wait for its answer. ``over``: why no new one is taken."""
        if word.command_id not in self._answers:
            if over is not None:
                raise over
            self.waiting.append(word)
            await workflow.wait_condition(lambda: word.command_id in self._answers)
        answer = self._answers[word.command_id]
        if isinstance(answer, Refusal):
            raise answer
        return answer
