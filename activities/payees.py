"""Entrusted payment: the name that the owner typed must be a seller on the invoices that they uploaded (P14)."""

from temporalio import activity

from activities.ports import payees as port
from activities.ports.payees import PayeeChecked, PayeeNamed
from activities.private import Private
from activities.steps import Steps
from db import audits, clocks, payees
from db.tables import NamedPayee
from imports.invoice_cells import Status
from imports.invoice_list import InvoiceFlag
from imports.lines import counterparty_key
from infra.settings import Settings


class Payees(port.Payees):
    """Asks the invoices."""

    def __init__(self, steps: Steps, private: Private, settings: Settings) -> None:
        self._steps = steps
        self._private = private
        self._index_key = settings.secret_bytes("index_key")

    @activity.defn
    async def check_payee(self, named: PayeeNamed) -> PayeeChecked:
        """What the list owes a seller of this very name; the check is on record."""
        async with self._steps.sessions.begin() as session:
            row = await session.get_one(NamedPayee, named.payee_id)
            if row.state != "asked":
                return PayeeChecked(row.state)
            name, _ = await self._private.named_payee(session, row.id)
            seller = counterparty_key(self._index_key, name)
            owed = 0
            if seller is not None:
                owed = await payees.owed_to(
                    session, row.file_id, seller, void=int(Status.VOID), reversed_flag=int(InvoiceFlag.REVERSED)
                )
            payees.checked(row, owed, await clocks.now(session, self._steps.clock_id))
            await audits.append(
                session,
                actor=f"owner:{row.person_id}",
                action="payee.checked",
                object_kind="named_payee",
                object_id=str(row.id),
                detail={"state": row.state, "covers_minor": row.covers_minor, "file_id": str(row.file_id)},
                request_id=None,
            )
            return PayeeChecked(row.state)
