"""A whole bill read by the confined child that the service uses, for commands that show it.

statement = await read_aside("/tmp/bill", "账单.csv")
"""

import json
from typing import Any
from uuid import UUID

from imports.lines import NormalisedLine
from imports.sheets import LARGEST_FILE_BYTES
from imports.statements import Statement, statement_of
from imports.streaming import Children, StatementStream

NOBODY = str(UUID(int=0))


async def read_aside(
    path: str,
    name: str = "",
    *,
    today: str = "",
    children: Children | None = None,
    limit_bytes: int = LARGEST_FILE_BYTES,
) -> Statement:
    """What ``imports.statements.read`` returns for the file at an absolute path, also of scans.

    Raises StatementNotUnderstood.
    """
    request: dict[str, Any] = {
        "path": path,
        "holds": "lines",
        "firm_id": NOBODY,
        "file_id": NOBODY,
        "index_key": "",
        "today": today,
        "limit_bytes": limit_bytes,
    }
    lines: list[NormalisedLine] = []
    async with StatementStream(request, children=children) as rows:
        async for block in rows:
            lines += [NormalisedLine._make([*row[:-1], bytes.fromhex(row[-1])]) for row in json.loads(block)]
    return statement_of(name, lines, rows.summary)
