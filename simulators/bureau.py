"""The credit bureau. A person's record follows from the identity number, by these rules and nothing else.

Ordinary persons have ¥0–60,000 of loans elsewhere, no overdue instalment now, at most two overdue months in 24, and at
most four enquiries in 90 days. Special persons are known by the sequence number in the identity number:

=====  ============================================================
901    overdue now (¥3,200.00), five overdue months in 24
902    dishonest judgment debtor (失信被执行人)
903    17 enquiries in 90 days
904    heavy debt elsewhere: ¥680,000.00, ¥31,000.00 a month
905    no record at all (白户)
906    the bureau takes 12 seconds to answer
907    the bureau never answers
908    three overdue months in a row within 24
909    guarantees ¥8,000,000.00 for others
=====  ============================================================

Firms owe nothing elsewhere and guarantee nothing, except those known by characters 9 to 16 of their credit code:

========  =========================================================
00000941  overdue now (¥15,000.00)
00000942  four overdue months in a row within 24
00000943  guarantees ¥9,000,000.00 for others
00000944  instalments of ¥60,000.00 a month
00000945  the bureau never answers about the firm
========  =========================================================
"""

import asyncio
import hashlib
from pathlib import Path

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, instant, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, hang, troubled
from simulators.inquiries import SCHEMA, noted, told
from simulators.numbers import id_sequence, is_credit_code, is_id_number

SLOW_SECONDS = 12.0


class ReportAsked(Asked):
    inquiry_id: Id
    name: Text
    id_number: Text
    consent_hash: str = Field(max_length=64)


class CompanyReportAsked(Asked):
    inquiry_id: Id
    name: Text
    licence: Text
    consent_hash: str = Field(max_length=64)


class BureauParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "bureau.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/reports", troubled(self.faults, self._report), methods=["POST"]),
                Route("/company-reports", troubled(self.faults, self._company_report), methods=["POST"]),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.book.close()

    async def _report(self, request: Request) -> Response:
        wish = await asked(request, ReportAsked)
        _consented(wish.consent_hash)
        if not is_id_number(wish.id_number):
            raise Refused(422, "id_number_invalid")
        sequence = id_sequence(wish.id_number)
        if sequence == "907":
            return await hang(request, None)
        if sequence == "906":
            await asyncio.sleep(SLOW_SECONDS)
        at = await self.book.write(
            lambda book: noted(book, wish, wish.inquiry_id, id_number=wish.id_number, licence=None)
        )
        return said(_answer(wish.inquiry_id, at) | record(wish.id_number))

    async def _company_report(self, request: Request) -> Response:
        wish = await asked(request, CompanyReportAsked)
        _consented(wish.consent_hash)
        if not is_credit_code(wish.licence):
            raise Refused(422, "licence_invalid")
        if wish.licence[8:16] == "00000945":
            return await hang(request, None)
        at = await self.book.write(lambda book: noted(book, wish, wish.inquiry_id, id_number="", licence=wish.licence))
        return said(_answer(wish.inquiry_id, at) | company_record(wish.licence))

    async def _witness(self, _request: Request) -> Response:
        return said({"inquiries": await self.book.read(told)})


def _consented(consent_hash: str) -> None:
    if len(consent_hash) != 64 or any(letter not in "0123456789abcdef" for letter in consent_hash):
        raise Refused(403, "consent_missing")


def _answer(inquiry_id: str, at: float) -> dict[str, object]:
    return {
        "inquiry_id": inquiry_id,
        "reference": f"CR{hashlib.sha256(inquiry_id.encode()).hexdigest()[:16].upper()}",
        "at": instant(at),
    }


def company_record(licence: str) -> dict[str, object]:
    """A firm's record: amounts in fen, counts as the report's fields say."""
    plain: dict[str, object] = {
        "found": True,
        "current_overdue_minor": 0,
        "overdue_months_24": 0,
        "overdue_run_24": 0,
        "enquiries_90d": 0,
        "outstanding_minor": 0,
        "monthly_instalments_minor": 0,
        "guarantees_minor": 0,
    }
    special: dict[str, dict[str, object]] = {
        "00000941": {"current_overdue_minor": 1_500_000, "overdue_months_24": 1, "overdue_run_24": 1},
        "00000942": {"overdue_months_24": 4, "overdue_run_24": 4},
        "00000943": {"guarantees_minor": 900_000_000},
        "00000944": {"outstanding_minor": 150_000_000, "monthly_instalments_minor": 6_000_000},
    }
    return plain | special.get(licence[8:16], {})


def record(id_number: str) -> dict[str, object]:
    """The person's record: amounts in fen, counts as the report's fields say."""
    sequence = id_sequence(id_number)
    digest = hashlib.sha256(f"bureau\x1f{id_number.upper()}".encode()).digest()
    outstanding = max(0, digest[0] - 96) * 37_500  # fen; three in eight owe nothing, the others up to ¥59,625
    plain: dict[str, object] = {
        "found": True,
        "current_overdue_minor": 0,
        "overdue_months_24": (0, 0, 0, 0, 0, 0, 1, 2)[digest[1] % 8],
        "enquiries_90d": (0, 0, 1, 1, 2, 2, 3, 4)[digest[2] % 8],
        "outstanding_minor": outstanding,
        "monthly_instalments_minor": outstanding // 18,
        "dishonest": False,
        "overdue_run_24": (0, 0, 0, 0, 0, 0, 1, 1)[digest[1] % 8],
        "guarantees_minor": 0,
    }
    special: dict[str, dict[str, object]] = {
        "901": {
            "current_overdue_minor": 320_000,
            "overdue_months_24": 5,
            "overdue_run_24": 2,
            "outstanding_minor": 4_000_000,
        },
        "902": {"dishonest": True},
        "903": {"enquiries_90d": 17},
        "904": {"outstanding_minor": 68_000_000, "monthly_instalments_minor": 3_100_000},
        "905": {
            "found": False,
            "overdue_months_24": 0,
            "enquiries_90d": 0,
            "outstanding_minor": 0,
            "monthly_instalments_minor": 0,
        },
        "908": {"overdue_months_24": 3, "overdue_run_24": 3},
        "909": {"guarantees_minor": 800_000_000},
    }
    return plain | special.get(sequence, {})
