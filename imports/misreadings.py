"""What can be wrong with a bill, each with a stable code, a place and figures. Texts: ``locales/imports.yaml``."""

from dataclasses import dataclass, field
from typing import Any

Params = dict[str, Any]

# Codes that refuse a whole file.
FILE_CODES = (
    "empty",
    "too_large",
    "too_many_rows",
    "unpacks_too_large",
    "wrong_encoding",
    "nul",
    "not_a_bill",
    "pdf_file",
    "picture_file",
    "archive_file",
    "archive_path",
    "archive_inside",
    "xml_refused",
    "too_many_pages",
    "too_many_pixels",
    "wrong_password",
    "web_page_file",
    "program_file",
    "no_date_column",
    "dates_without_year",
    "dates_of_six_digits",
    "six_digits_are_no_days",
    "no_heading",
    "no_amount_column",
    "truncated",
    "cell_too_long",
    "broken",
    "encrypted",
    "no_lines",
    "nothing_understood",
    "future_date",
    "took_too_long",
    "reader_failed",
    "invoice_list",
    "not_invoices",
    "no_invoices",
    "no_invoice",
    "side_unknown",
    "not_this_firm",
    "several_firms",
    "map_not_understood",
    "map_column_missing",
    "not_allowed",
    "invoices_not_allowed",
)

# Codes of a single row that was left out and is shown to the owner.
ROW_CODES = (
    "row_too_short",
    "too_many_cells",
    "date_not_understood",
    "date_out_of_range",
    "amount_missing",
    "amount_not_understood",
    "amount_out_of_range",
    "amount_on_both_sides",
    "direction_not_understood",
    "sign_contradicts_direction",
    "refund_exceeds_amount",
    "currency_not_understood",
    "quotes_broken",
    "date_missing",
    "issued_in_future",
    "due_not_understood",
    "settled_not_understood",
    "settled_in_future",
    "signs_contradict",
    "status_not_understood",
    "not_issued",
    "side_not_understood",
    "not_this_firm",
    "other_currency",
)

# Codes of what the owner should know although the file was read.
NOTICE_CODES = (
    "total_differs_in",
    "total_differs_out",
    "total_differs_neutral",
    "count_differs",
    "outside_period",
    "negative_month",
    "months_without_lines",
    "balance_breaks",
    "no_reference_numbers",
    "dates_day_first",
    "invoice_total_differs",
    *(f"{side}_guessed_by_{how}" for side in ("sales", "purchases") for how in ("title", "content", "file_name")),
    "tax_differs",
    "due_before_issue",
    "no_invoice_numbers",
    "red_cancels",
    "months_without_invoices",
    "dates_month_first",
    "dates_year_first",
    "several_currencies",
    "direction_not_stated",
    "negative_out",
    "closing_balance_differs",
    "read_from_picture",
)


class StatementNotUnderstood(Exception):
    """The file cannot be taken as a bill. ``code`` is one of ``FILE_CODES``; ``where`` is a row, a sheet or empty."""

    def __init__(self, code: str, where: str = "", **params: Any) -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where
        self.params: Params = params

    @property
    def all_params(self) -> Params:
        """What the text of this code may name: the place and the figures, all of them scalars."""
        return {"where": self.where, **self.params}


class RowNotUnderstood(Exception):
    """One row cannot be taken as a line. ``code`` is one of ``ROW_CODES``."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Params = params


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the owner should know about a bill that was read. ``code`` is one of ``NOTICE_CODES``."""

    code: str
    where: str = ""
    params: Params = field(default_factory=dict)
