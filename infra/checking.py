"""Whether a PDF from a stranger is as it was signed, told by a process that can do nothing else."""

import asyncio
import contextlib
import json
import os
import sys
from datetime import datetime
from typing import Any

from infra.pades import Checked, NotAPdf, NotARoot

# Seconds for the whole child; it computes for ten at most.
PATIENCE = 30.0


class CheckFailed(Exception):
    """The child died or took too long: nothing is known of the file."""


async def checked(pdf: bytes, root: bytes) -> list[Checked]:
    """Every signature of the file, as :func:`infra.pades.check`. Raises NotAPdf, NotARoot, CheckFailed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-m",
        "infra.checking_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
    )
    asked = json.dumps({"root": root.decode("ascii", "replace")}).encode() + b"\n" + pdf
    try:
        async with asyncio.timeout(PATIENCE):
            said, _ = await child.communicate(asked)
    except TimeoutError:
        raise CheckFailed("it took too long") from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode != 0 or not said:
        raise CheckFailed(f"it ended with {child.returncode}")
    answer = json.loads(said)
    if "refused" in answer:
        raise {"NotAPdf": NotAPdf, "NotARoot": NotARoot}[answer["refused"]]("the child could not read it")
    return [_told(one) for one in answer["signatures"]]


def _told(one: dict[str, Any]) -> Checked:
    told: dict[str, Any] = {**one, "at": datetime.fromisoformat(one["at"]) if one["at"] else None}
    return Checked(**told)
