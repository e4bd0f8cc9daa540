"""The rail as an ASGI app: its book, its two workers (crediting, callbacks) and its routes."""

import sqlite3
import time
from datetime import date

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Refused, asked, refusal, said
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.faults import COMMON_FAULTS, Faults
from simulators.rail import book as rail_book
from simulators.rail.accounts import Accounts
from simulators.rail.collections import Collections
from simulators.rail.incoming import Incoming
from simulators.rail.payments import Payments
from simulators.rail.statements import Statements
from simulators.settings import WorldSettings

MODES = (
    *COMMON_FAULTS,
    "pay_then_hang",
    "pay_then_500",
    "pay_then_garbage",
    "not_found_first",
    "reject",
    "duplicate_callback",
    "late_callback",
    "out_of_order_callback",
    "no_callback",
    "no_credit_callback",
    "credits_down",
)


class Habits(Asked):
    """What may be changed while the rail runs, in seconds."""

    credit_delay_seconds: float | None = Field(default=None, ge=0, le=86_400)
    cutoff_seconds: float | None = Field(default=None, ge=0, le=86_400)


class RailParty:
    def __init__(self, settings: WorldSettings) -> None:
        self.book = Book(settings.data / "rail.sqlite3", rail_book.SCHEMA)
        self.faults = Faults(MODES)
        self.outbox = Callbacks(self.book, settings.public_url, "/v1/hooks/rail", settings.rail_secret)
        self.payments = Payments(
            self.book,
            self.faults,
            self.outbox,
            credit_delay=settings.rail_credit_delay,
            cutoff=settings.rail_cutoff,
        )
        self.app = Starlette(
            routes=[
                *self.payments.routes(),
                *Collections(self.book, self.faults).routes(),
                *Accounts(self.book, self.faults, self.outbox).routes(),
                *Incoming(self.book, self.faults).routes(),
                *Statements(self.book, self.faults).routes(),
                *self.faults.routes(),
                Route("/payments/{end_to_end_id}/return", self._give_back, methods=["POST"]),
                Route("/callbacks/retry", self._retry, methods=["POST"]),
                Route("/cutoff", self._cutoff),
                Route("/habits", self._habits, methods=["POST"]),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        await self.book.write(_open_settlement)
        self.payments.start()
        self.outbox.start()

    async def stop(self) -> None:
        await self.payments.stop()
        await self.outbox.stop()
        self.book.close()

    async def _cutoff(self, request: Request) -> Response:
        """The published cut-off: so many seconds after an order, "not found" is final."""
        return said({"cutoff_seconds": self.payments.cutoff, "credit_delay_seconds": self.payments.credit_delay})

    async def _habits(self, request: Request) -> Response:
        wish = await asked(request, Habits)
        if wish.credit_delay_seconds is not None:
            self.payments.credit_delay = wish.credit_delay_seconds
        if wish.cutoff_seconds is not None:
            self.payments.cutoff = wish.cutoff_seconds
        return await self._cutoff(request)

    async def _give_back(self, request: Request) -> Response:
        await self.payments.give_back(request.path_params["end_to_end_id"])
        return said({"state": "returned"})

    async def _retry(self, request: Request) -> Response:
        await self.outbox.retry_now()
        return said({"retried": True})


def _open_settlement(book: sqlite3.Connection) -> None:
    at = time.time()
    rail_book.open_account(book, rail_book.SETTLEMENT, rail_book.SETTLEMENT_HOLDER, "settlement", at)
    if book.execute("select 1 from movement where account = ?", (rail_book.SETTLEMENT,)).fetchone() is None:
        rail_book.move(
            book,
            rail_book.Movement(
                account=rail_book.SETTLEMENT,
                amount_minor=rail_book.FUNDING_MINOR,
                kind="funding",
                order_id=None,
                reference="opening capital",
                counterparty="owners",
                at=at,
                booked_on=date(2000, 1, 1),  # before any business day, so that no day's statement shows it
            ),
        )
