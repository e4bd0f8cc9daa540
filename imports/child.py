"""The process that a stranger's file is read in: one file, then it ends. Started by ``imports.streaming``.

Reads one line of JSON from stdin (path and the ids to write into the rows), and writes frames to stdout.
"""

import gc
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from imports import pictures
from imports.framing import NAMES, RECOGNISE, RECOGNISING, REFUSED, ROWS, SUMMARY, frame
from imports.identity_papers import read_paper
from imports.lines import COUNTERPARTY_KEY_BYTES, CounterpartyKeys
from imports.misreadings import StatementNotUnderstood
from imports.statements import NeedsRecognition, Reading
from imports.table import HEX, NULL, Line
from imports.vectors import Vectors
from infra.confinement import Limits, confine

LIBRARIES = ("pypdfium2", "python_calamine")
# Names that an owner is shown to say what they were; the others stand together.
NAMED, WEIGHED, LONGEST_NAME = 200, 50_000, 60
LINES_A_FRAME = 200  # a line holds at most a few cells of eight thousand characters: far below the longest frame


def copy_rows(lines: list[Line], prefix: str) -> bytes:
    """Lines as text rows in the order of ``COPY_COLUMNS``. Every field is made of digits and known letters."""
    return "".join(
        [
            f"{prefix}{digest.hex()}\t{row}\t{at}\t{at[:10]}\t{way}\t{minor}\t{currency}\t{kind}\t{key}\t{flags}\t"
            f"{NULL if balance is None else balance}\n"
            for row, at, way, minor, currency, _, kind, _, _, balance, _, flags, digest, key in lines
        ]
    ).encode()


def rows_of(lines: list[Line] | Vectors, prefix: str) -> bytes:
    """The same of lines in either form."""
    return lines.copy_rows(prefix) if isinstance(lines, Vectors) else copy_rows(lines, prefix)


def _weigh(lines: list[Line] | Vectors, weights: dict[str, list[Any]]) -> None:
    """Adds up what moved by counterparty; a file of countless ones keeps to those that it began with."""
    for key, name, moved in (
        lines.weights() if isinstance(lines, Vectors) else ((line[13], line[5], line[3]) for line in lines)
    ):
        known = weights.get(key)
        if known is not None:
            known[0] += moved
        elif key != NULL and len(weights) < WEIGHED:
            weights[key] = [moved, name]


def _read_invoices(request: dict[str, Any], out: int) -> None:
    from imports.invoice_copy import invoice_rows, reading_of

    reading = reading_of(request)
    keys = CounterpartyKeys(bytes.fromhex(request["index_key"]))
    for block in reading.blocks():
        _write(out, frame(ROWS, invoice_rows(block, keys, request)))
    _write(out, frame(SUMMARY, json.dumps(reading.summary().as_json()).encode()))


def _read_lines(reading: Reading, out: int) -> None:
    """Whole lines, for a command that shows them; the last two of their fields are the fingerprint and a key."""
    for block in reading.blocks():
        rows = [[*line[:-2], line[-2].hex()] for line in block]
        for first in range(0, len(rows), LINES_A_FRAME):
            _write(out, frame(ROWS, json.dumps(rows[first : first + LINES_A_FRAME], ensure_ascii=False).encode()))
    _write(out, frame(SUMMARY, json.dumps(reading.summary().as_json()).encode()))


def _read_identity_paper(request: dict[str, Any], out: int) -> None:
    data = Path(request["path"]).read_bytes()
    image = next(pictures.pdf_pictures(data)) if data.startswith(b"%PDF-") else pictures.picture(data)
    found = read_paper(pictures.recognition().words(image))
    _write(out, frame(SUMMARY, json.dumps(found.as_json(), ensure_ascii=False).encode()))


def _read_invoice_paper(request: dict[str, Any], out: int) -> None:
    from imports.e_invoices import Bringing, as_json, faces_in
    from imports.invoice_sides import Own

    own = Own(request["own_name"], request["own_tax_number"])
    bringing = Bringing(request["name"], own, request["today"], request.get("recognise", False))
    faces = faces_in(Path(request["path"]).read_bytes(), bringing)
    _write(out, frame(SUMMARY, json.dumps({"faces": as_json(faces)}, ensure_ascii=False).encode()))


def _read(request: dict[str, Any], out: int) -> None:
    if request.get("holds") == "invoice_paper":
        _read_invoice_paper(request, out)
        return
    if request.get("holds") == "identity_paper":
        _read_identity_paper(request, out)
        return
    if request.get("holds") == "invoices":
        _read_invoices(request, out)
        return
    data = Path(request["path"]).read_bytes()
    keys = CounterpartyKeys(bytes.fromhex(request["index_key"])) if request["index_key"] else None
    reading = Reading(
        data,
        today=request["today"],
        limit_bytes=request["limit_bytes"],
        keys=keys,
        recognise=request.get("recognise", False),
    )
    del data
    if request.get("holds") == "lines":
        _read_lines(reading, out)
        return
    prefix = f"{request['firm_id']}\t{request['file_id']}\t{HEX}"
    weights: dict[str, list[Any]] = {}
    for lines in reading.parts():
        _write(out, frame(ROWS, rows_of(lines, prefix)))
        _weigh(lines, weights)
    weightiest = sorted(weights, key=lambda key: -weights[key][0])[:NAMED]
    named = {key[-2 * COUNTERPARTY_KEY_BYTES :]: weights[key][1][:LONGEST_NAME] for key in weightiest}
    _write(out, frame(NAMES, json.dumps(named).encode()))
    _write(out, frame(SUMMARY, json.dumps(reading.summary().as_json()).encode()))


def _write(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


def _load_libraries(*, recognising: bool) -> str:
    """Loads what a confined process should not have to load. Returns the name of what is not installed, or nothing.

    Most of it is wanted for workbooks and printed bills only; an installation that is older than the code would
    otherwise look like a bill that cannot be read.
    """
    try:
        for name in LIBRARIES:
            import_module(name)
        if recognising:
            pictures.recognition()
    except ModuleNotFoundError as error:
        return error.name or str(error)
    return ""


def main() -> None:
    """Confines itself, waits for its one request, answers it, ends."""
    limits = Limits(**json.loads(sys.argv[1])) if len(sys.argv) > 1 else Limits()
    missing = _load_libraries(recognising=sys.argv[2:] == [RECOGNISING])
    confine(limits)
    gc.disable()  # one file, then the process ends: there is nothing worth collecting
    line = sys.stdin.buffer.readline()
    if not line:
        return  # the parent went away before it had a file for us
    out = sys.stdout.fileno()
    if missing:
        answer = {"code": "reader_failed", "where": missing, "params": {"reason": "library"}}
        _write(out, frame(REFUSED, json.dumps(answer).encode()))
        return
    try:
        _read(json.loads(line), out)
    except StatementNotUnderstood as error:
        answer = {"code": error.code, "where": error.where, "params": error.params}
        _write(out, frame(REFUSED, json.dumps(answer).encode()))
    except NeedsRecognition:
        _write(out, frame(RECOGNISE, b""))
    except MemoryError:
        _write(out, frame(REFUSED, b'{"code": "reader_failed", "where": "", "params": {"reason": "memory"}}'))
    except Exception as error:
        # The text of an unforeseen error may quote the file; its kind does not.
        answer = {"code": "reader_failed", "where": "", "params": {"reason": type(error).__name__}}
        _write(out, frame(REFUSED, json.dumps(answer).encode()))


if __name__ == "__main__":
    main()
