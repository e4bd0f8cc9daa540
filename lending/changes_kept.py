"""Changes of a plan as they are kept: what the tables hold of each, and back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lending.cycles import Breathing, Cycle
from lending.paths import path_from, path_json
from lending.plans import Change, ChangeKind


def as_json(change: Change) -> dict[str, Any]:
    """A change as it is stored; the inverse of :func:`change_of`."""
    match change.kind:
        case ChangeKind.BREATHING:
            space = change.breathing
            assert space is not None  # noqa: S101 (its kind says so)
            return _space(space)
        case ChangeKind.RHYTHM:
            return {"cycle": change.cycle.value, "cycle_day": change.cycle_day}
        case ChangeKind.NEXT_WINDOW:
            return {"window": change.window}
        case ChangeKind.LOWER_SHARE:
            return {"share": str(change.share)}
        case ChangeKind.REMINDER_HOUR:
            return {"hour": change.hour}
        case ChangeKind.SHORTER_TERM | ChangeKind.LOWER_INSTALMENTS:
            return {"path": _path_of(change)}
        case ChangeKind.WEIGHTS:
            return {"weights": list(change.weights), "path": _path_of(change)}
        case ChangeKind.DUE_DAY:
            return {"cycle_day": change.cycle_day, "path": _path_of(change)}
        case ChangeKind.RELIEF:
            return {
                "way": change.way,
                "window": change.window,
                "later_days": change.later_days,
                **({} if change.breathing is None else _space(change.breathing)),
                **({} if change.path is None else {"path": path_json(change.path)}),
            }
        case ChangeKind.REST:
            space = change.breathing
            assert space is not None  # noqa: S101 (its kind says so)
            return {
                "first_on": space.first_on.isoformat(),
                "last_on": space.last_on.isoformat(),
                "path": _path_of(change),
            }


def _space(space: Breathing) -> dict[str, Any]:
    return {"first_on": space.first_on.isoformat(), "last_on": space.last_on.isoformat(), "factor": str(space.factor)}


def _path_of(change: Change) -> dict[str, Any]:
    assert change.path is not None  # noqa: S101 (its kind says so)
    return path_json(change.path)


def change_of(kind: str, effective_on: date, said: Mapping[str, Any]) -> Change:
    """A stored change."""
    match ChangeKind(kind):
        case ChangeKind.BREATHING:
            first, last = (date.fromisoformat(str(said[name])) for name in ("first_on", "last_on"))
            return Change(
                ChangeKind.BREATHING, effective_on, breathing=Breathing(first, last, Decimal(str(said["factor"])))
            )
        case ChangeKind.RELIEF:
            space = None
            if "factor" in said:
                first, last = (date.fromisoformat(str(said[name])) for name in ("first_on", "last_on"))
                space = Breathing(first, last, Decimal(str(said["factor"])))
            made = path_from(said["path"]) if said.get("path") else None
            return Change(
                ChangeKind.RELIEF,
                effective_on,
                breathing=space,
                path=made,
                window=int(said["window"]),
                way=str(said["way"]),
                later_days=int(said["later_days"]),
            )
        case ChangeKind.RHYTHM:
            return Change(
                ChangeKind.RHYTHM,
                effective_on,
                cycle=Cycle(str(said["cycle"])),
                cycle_day=int(str(said["cycle_day"])),
            )
        case ChangeKind.NEXT_WINDOW:
            return Change(ChangeKind.NEXT_WINDOW, effective_on, window=int(str(said["window"])))
        case ChangeKind.LOWER_SHARE:
            return Change(ChangeKind.LOWER_SHARE, effective_on, share=Decimal(str(said["share"])))
        case ChangeKind.REMINDER_HOUR:
            return Change(ChangeKind.REMINDER_HOUR, effective_on, hour=said["hour"])
        case ChangeKind.SHORTER_TERM | ChangeKind.LOWER_INSTALMENTS as which:
            return Change(which, effective_on, path=path_from(said["path"]))
        case ChangeKind.WEIGHTS:
            path, weights = path_from(said["path"]), tuple(said["weights"])
            return Change(ChangeKind.WEIGHTS, effective_on, path=path, weights=weights)
        case ChangeKind.DUE_DAY:
            path = path_from(said["path"])
            return Change(ChangeKind.DUE_DAY, effective_on, path=path, cycle_day=said["cycle_day"])
        case ChangeKind.REST:
            first, last = (date.fromisoformat(said[name]) for name in ("first_on", "last_on"))
            path = path_from(said["path"])
            return Change(ChangeKind.REST, effective_on, path=path, breathing=Breathing(first, last))
