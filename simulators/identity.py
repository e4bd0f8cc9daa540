"""The identity provider. Its answer follows from what is asked, by these rules and nothing else.

A check matches when the identity number's check digit is right, except for special persons, known by the three digits
before the check digit (the sequence number):

=====  ============================================================
911    network: the name does not belong to the number
912    liveness: not the same face
913    bank_card: the card belongs to somebody else
914    register: the register names another person
915    every check: pending for five seconds after the first question, then a match
916    liveness: pending for ever (a person must look)
=====  ============================================================

``register`` also wants a licence with a right check digit; licences whose 9th to 16th characters are 00000000 are
revoked (吊销). ``bank_card`` wants an account; accounts that end in 0000 are blocked. With a ``firm`` it asks whether
the account is that firm's: a person's card, which begins with 62, is not.
"""

import hashlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.numbers import id_sequence, is_credit_code, is_id_number

PENDING_SECONDS = 5.0
SCHEMA = """
create table if not exists check_made (
    check_id text primary key,
    content_hash text not null,
    kind text not null,
    asked text not null,
    at real not null,
    times integer not null default 1
);
"""

WRONG_FOR = {"network": "911", "liveness": "912", "bank_card": "913", "register": "914"}


class CheckAsked(Asked):
    check_id: Id
    kind: Literal["network", "bank_card", "liveness", "register"]
    name: Text
    id_number: Text
    account: Id | None = None
    licence: Id | None = None
    firm: Text | None = None


class IdentityParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "identity.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/checks", troubled(self.faults, self._check), methods=["POST"]),
                Route("/checks/{check_id}", troubled(self.faults, self._find)),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _check(self, request: Request) -> Response:
        wish = await asked(request, CheckAsked)

        def note(book: sqlite3.Connection) -> sqlite3.Row:
            known = _known(book, wish.check_id)
            if known is None:
                book.execute(
                    "insert into check_made (check_id, content_hash, kind, asked, at) values (?, ?, ?, ?, ?)",
                    (wish.check_id, wish.content_hash(), wish.kind, wish.model_dump_json(), time.time()),
                )
            elif known["content_hash"] != wish.content_hash():
                raise Refused(409, "check_id_taken")
            else:
                book.execute("update check_made set times = times + 1 where check_id = ?", (wish.check_id,))
            row = _known(book, wish.check_id)
            assert row is not None  # noqa: S101 (just written in this transaction)
            return row

        return said(_told(await self.book.write(note)))

    async def _find(self, request: Request) -> Response:
        row = await self.book.read(lambda book: _known(book, request.path_params["check_id"]))
        if row is None:
            raise Refused(404, "check_not_found")
        return said(_told(row))

    async def _witness(self, request: Request) -> Response:
        rows = await self.book.read(
            lambda book: book.execute("select check_id, kind, times from check_made order by at").fetchall()
        )
        return said({"checks": [dict(row) for row in rows]})


def verdict(wish: CheckAsked, seconds_since: float) -> tuple[str, str | None]:
    """Outcome and reason code, ``seconds_since`` the check was first asked."""
    sequence = id_sequence(wish.id_number)
    if not is_id_number(wish.id_number):
        return "mismatch", "id_number_invalid"
    if sequence == "915" and seconds_since < PENDING_SECONDS:
        return "pending", None
    if sequence == "916" and wish.kind == "liveness":
        return "pending", None
    if sequence == WRONG_FOR[wish.kind]:
        return "mismatch", "not_the_same_person"
    if wish.kind == "bank_card":
        if not wish.account:
            raise Refused(422, "account_needed")
        if wish.account.endswith("0000"):
            return "mismatch", "account_blocked"
        if wish.firm and (not wish.licence or wish.account.startswith("62")):
            return "mismatch", "not_the_firms_account"
    if wish.kind == "register":
        if not wish.licence:
            raise Refused(422, "licence_needed")
        if not is_credit_code(wish.licence):
            return "mismatch", "licence_invalid"
        if wish.licence[8:16] == "00000000":
            return "mismatch", "revoked"
    return "match", None


def _known(book: sqlite3.Connection, check_id: str) -> sqlite3.Row | None:
    return book.execute("select * from check_made where check_id = ?", (check_id,)).fetchone()


def _told(row: sqlite3.Row) -> dict[str, object]:
    wish = CheckAsked.model_validate(json.loads(row["asked"]))
    outcome, reason = verdict(wish, time.time() - row["at"])
    digest = hashlib.sha256(row["check_id"].encode()).digest()
    # A provider is never quite sure: matches score 0.90–0.99, mismatches 0.05–0.14, fixed for a check.
    score = {"match": 9000, "mismatch": 500, "pending": 0}[outcome] + (digest[0] * 3 if outcome != "pending" else 0)
    return {
        "check_id": row["check_id"],
        "outcome": outcome,
        "reason": reason,
        "reference": f"IDV{digest.hex()[:16].upper()}",
        "score": f"0.{score:04d}",
        "at": instant(row["at"]),
    }
