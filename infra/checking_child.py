"""The process in which a stranger's PDF is looked at: one file, then it ends. Started by ``infra.checking``.

Reads a line of JSON (``root``: PEM) and then the file from stdin; writes one line of JSON.
"""

import asyncio
import json
import sys
from dataclasses import asdict
from importlib import import_module

from infra.confinement import Limits, confine
from infra.pades import NotAPdf, NotARoot, check

# Loaded before the process shuts itself in.
LIBRARIES = (
    "pyhanko.pdf_utils.reader",
    "pyhanko.sign.diff_analysis",
    "pyhanko.sign.validation",
    "pyhanko_certvalidator",
)
LIMITS = Limits(cpu_seconds=10, memory_bytes=1 << 30, open_files=32)


def main() -> None:
    """Shuts itself in, answers its one request, ends."""
    for name in LIBRARIES:
        import_module(name)
    loop = asyncio.new_event_loop()
    sys.dont_write_bytecode = True
    confine(LIMITS)
    request = json.loads(sys.stdin.buffer.readline())
    pdf = sys.stdin.buffer.read()
    try:
        found = loop.run_until_complete(check(pdf, request["root"].encode()))
    except (NotAPdf, NotARoot) as no:
        print(json.dumps({"refused": type(no).__name__}))
        return
    every = [{**asdict(one), "at": one.at.isoformat() if one.at else None} for one in found]
    print(json.dumps({"signatures": every}, ensure_ascii=False))


if __name__ == "__main__":
    main()
