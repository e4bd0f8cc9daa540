"""A list of invoices from a file to rows for COPY: in the confined child, and the stream that its parent reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from imports.invoice_cells import Side
from imports.invoice_columns import mapping_of
from imports.invoice_list import InvoiceSummary, NormalisedInvoice
from imports.invoice_sides import Own
from imports.invoices import InvoiceReading
from imports.lines import CounterpartyKeys
from imports.sheets import LARGEST_FILE_BYTES
from imports.streaming import PATIENCE, Children, StatementStream
from imports.table import HEX
from lending.invoices import plain_number

NULL = "\\N"


def reading_of(request: dict[str, Any]) -> InvoiceReading:
    """What a request of :func:`stream_invoices` asks to be read."""
    return InvoiceReading(
        Path(request["path"]).read_bytes(),
        name=request["name"],
        own=Own(request["own_name"], request["own_tax_number"]),
        side=Side(request["side"]) if request["side"] else None,
        mapping=mapping_of(request["mapping"]),
        today=request["today"],
        limit_bytes=request["limit_bytes"],
        key=bytes.fromhex(request["index_key"]),
        one_firm=True,
    )


def invoice_rows(block: list[NormalisedInvoice], keys: CounterpartyKeys, request: dict[str, Any]) -> bytes:
    """Invoices as text rows in the order of ``INVOICE_COLUMNS``. Every field is made of digits and known letters."""
    prefix = f"{request['firm_id']}\t{request['file_id']}\t{HEX}"

    def key(text: str) -> str:
        found = keys.key(text) if text else None
        return f"{HEX}{found.hex()}" if found else NULL

    return "".join(
        [
            f"{prefix}{one.fingerprint.hex()}\t{one.row}\t{int(one.side)}\t{one.issued}\t{one.due or NULL}\t"
            f"{one.settled or NULL}\t{one.net_minor}\t{one.tax_minor}\t{one.currency}\t{key(one.counterparty)}\t"
            f"{key(plain_number(one.number))}\t{key(plain_number(one.cancels))}\t{_serial(one.number)}\t{int(one.status)}\t{int(one.flags)}\n"
            for one in block
        ]
    ).encode()


def _serial(number: str) -> str:
    digits = plain_number(number)
    return str(int(digits[-15:])) if digits.isascii() and digits.isdecimal() else NULL


class InvoiceStream(StatementStream):
    """The invoices of one list, as blocks of bytes that COPY takes; ``understood`` once the last block was taken."""

    understood: InvoiceSummary

    def _take_summary(self, told: dict[str, Any]) -> None:
        self.understood = InvoiceSummary.from_json(told)


def stream_invoices(
    path: Path,
    *,
    name: str,
    firm_id: UUID,
    file_id: UUID,
    index_key: bytes,
    own: Own,
    side: Side | None = None,
    mapping: Iterable[str] = (),
    today: str = "",
    children: Children | None = None,
    patience: float = PATIENCE,
    limit_bytes: int = LARGEST_FILE_BYTES,
) -> InvoiceStream:
    """Reads a list in a child, as ``streaming.stream`` reads a bill. Raises StatementNotUnderstood while iterating."""
    request = {
        "holds": "invoices",
        "path": str(path.resolve()),
        "name": name,
        "firm_id": str(firm_id),
        "file_id": str(file_id),
        "index_key": index_key.hex(),
        "own_name": own.name,
        "own_tax_number": own.tax_number,
        "side": int(side) if side else 0,
        "mapping": list(mapping),
        "today": today,
        "limit_bytes": limit_bytes,
    }
    return InvoiceStream(request, children=children, patience=patience)
