"""The workflows, read as source: what holds of every story, whichever way it goes."""

import ast
import importlib
import typing
from collections.abc import Iterator
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from types import NoneType

import pytest
from temporalio import workflow

from workflows.acts import Progress
from workflows.stories import STORIES

ROOT = Path(__file__).resolve().parents[2]
STORY_FILES = sorted((ROOT / "workflows").glob("*.py"))
# Waits without a time of their own, and why they end all the same.
ENDS_BY_ITSELF = {
    "answering.py:say": "an update's handler: the story answers every word that it takes, its last ones too",
    "application.py:_perform": "an update's handler: the story answers every act that it takes, or refuses it",
    "application.py:_people": "each task beside it is kept open as long as its kind says",
    "bill_mail.py:take": "a day of attempts and a transaction of ours end the fetching",
    "data_request.py:fulfil": "an hour of attempts and a transaction of ours end the request",
    "identity_paper.py:read": "two attempts of ninety seconds and a transaction of ours end the reading",
    "invoice_paper.py:read": "two attempts of ninety seconds and a transaction of ours end the reading",
    "loan_paper.py:print_paper": "ten minutes of attempts and a transaction of ours end the printing",
    "offline_task.py:finish": "an update's handler: one transaction of ours",
    "payee.py:name": "an update's handler: one transaction of ours",
    "payout.py:_call_back": "the task beside it is kept open for sixty days at most",
    "payout.py:cancel": "an update's handler: one transaction of ours",
    "payout.py:look_again": "an update's handler: one transaction of ours",
    "sales_file.py:read": "three attempts of five minutes and a transaction of ours end the reading",
    "seeing.py:see": "an update's handler: the task is started at once",
    "step_up.py:prove": "half a minute and a transaction of ours end the asking",
}
# Past four hundred lines a file has two subjects. These have grown past it, to this length and no further.
SUBJECT = 400
GROWN = {
    "ops/demo/town.py": 440,
    "workflows/application.py": 420,  # one story, told whole: eleven acts of one owner
}


def _calls(path: Path, name: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of ``name`` with the function that they stand in."""
    for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                    yield outer.name, node


def test_every_wait_has_an_end() -> None:
    endless = {
        f"{path.name}:{function}"
        for path in STORY_FILES
        for function, call in _calls(path, "workflow.wait_condition")
        if not any(word.arg == "timeout" for word in call.keywords)
        and ast.unparse(call.args[0]) != "workflow.all_handlers_finished"
    }
    new = endless - set(ENDS_BY_ITSELF)
    assert not new, f"{sorted(new)}: give timeout= and name its outcome, or say in ENDS_BY_ITSELF why it ends"
    assert not set(ENDS_BY_ITSELF) - endless, "a wait that is explained here is gone: take its line away"


def test_every_story_lets_its_handlers_finish_before_it_ends() -> None:
    for story in STORIES:
        path = ROOT / f"{story.__module__.replace('.', '/')}.py"
        if _updates(story):
            assert "workflow.all_handlers_finished" in path.read_text(encoding="utf-8"), (
                f"{path.name} ends over a handler"
            )


def test_no_order_depends_on_a_set() -> None:
    """A set has another order in the next process, and the story would be another one."""
    wrong = [
        f"{path.name}:{node.iter.lineno}"
        for path in STORY_FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.For | ast.comprehension)
        and (isinstance(node.iter, ast.Set | ast.SetComp) or ast.unparse(node.iter).startswith(("set(", "frozenset(")))
    ]
    assert not wrong, wrong


def _updates(story: type) -> dict[str, typing.Any]:
    definition = workflow._Definition.from_class(story)
    assert definition is not None
    return {name: update.fn for name, update in definition.updates.items() if name}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_one_value_goes_in_and_one_comes_out(story: type) -> None:
    """With another number of arguments the SDK drops the types without a word."""
    run = story.run  # pyright: ignore
    for name, method in (("run", run), *_updates(story).items()):
        hints = typing.get_type_hints(method)
        came_out = hints.pop("return")
        assert len(hints) == 1, f"{story.__name__}.{name} takes {len(hints)} values"
        assert all(is_dataclass(kind) for kind in hints.values()), f"{story.__name__}.{name}"
        assert came_out in (str, NoneType) or is_dataclass(came_out), f"{story.__name__}.{name} gives {came_out}"
        assert name == "run" or came_out in (Progress, NoneType), f"{story.__name__}.{name} gives {came_out}"


def test_every_story_is_run_by_the_worker() -> None:
    """A workflow that no worker knows is started and never moves."""
    found = {
        kind
        for path in STORY_FILES
        for kind in vars(importlib.import_module(f"workflows.{path.stem}")).values()
        if isinstance(kind, type) and workflow._Definition.from_class(kind)
    }
    assert found == set(STORIES)


def test_every_story_that_can_be_moved_by_the_clock_hears_of_it() -> None:
    for story in STORIES:
        path = ROOT / f"{story.__module__.replace('.', '/')}.py"
        if "BusinessClock(" in path.read_text(encoding="utf-8"):
            assert "clock_moved" in _updates(story), f"{story.__name__} waits and cannot be woken"


def test_no_file_grows_a_second_subject() -> None:
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    long = {
        str(path.relative_to(ROOT)): lines
        for room in rooms
        for path in room.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > GROWN.get(str(path.relative_to(ROOT)), SUBJECT)
        and "migrations" not in path.parts
    }
    assert not long, f"part them: {long}"


# --- what others send -------------------------------------------------------------------------------------------------

SENDERS = ("activities", "worker", "api")
ARGUMENTS = {
    **{story.__name__: story.run for story in STORIES},  # pyright: ignore
    **{name: fn for story in STORIES for name, fn in _updates(story).items()},
}


def _sent(tree: ast.Module) -> Iterator[tuple[str, ast.Dict]]:
    """Names of workflows and updates with the literal that is sent to them."""
    named = {
        ast.unparse(node.targets[0]): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        words = {word.arg: word.value for word in node.keywords}
        match ast.unparse(node.func).rpartition(".")[2], node.args:
            case "start_workflow" | "execute_update" | "start_update", [ast.Constant(value=str(name)), given, *_]:
                found = named.get(ast.unparse(given), given)
            case "Envelope", [_, _, ast.Constant(value=str(name)), _, found, *_]:
                pass
            case "Envelope", [] if isinstance(words.get("update"), ast.Constant):
                name, found = ast.literal_eval(words["update"]), words["argument"]
            case _:
                continue
        if isinstance(found, ast.Dict):
            yield name, found


def test_what_is_sent_to_a_story_is_what_it_takes() -> None:
    """A value that cannot be decoded is retried for ever."""
    checked: set[str] = set()
    for path in (path for room in SENDERS for path in sorted((ROOT / room).rglob("*.py"))):
        for name, literal in _sent(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{literal.lineno}: {name}"
            assert name in ARGUMENTS, f"{where} is no workflow and no update"
            taken = next(kind for key, kind in typing.get_type_hints(ARGUMENTS[name]).items() if key != "return")
            fields = {field.name: field.default is MISSING for field in dataclass_fields(taken)}
            keys = {key.value for key in literal.keys if isinstance(key, ast.Constant)}
            assert keys <= set(fields), f"{where} does not take {keys - set(fields)}"
            assert not {field for field, needed in fields.items() if needed} - keys, f"{where} misses a field"
            checked.add(name)
    assert {"Calendar", "Loan", "DailyClose", "settled", "day_closed", "clock_moved", "rail_said"} <= checked
