"""The clauses of the loan agreement, in order, as words: which sentence stands where, and which stand in bold.

Bold are the paragraphs that weigh heavily on the borrower (民法典 496): they must be pointed out to bind.
"""

from dataclasses import dataclass

from activities.papers.amounts import chinese_amount
from activities.papers.sheet import KeyFactsSheet
from activities.papers.words import Value, Words
from lending.calendars import DayRule
from lending.terms import plain


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph of a clause."""

    words: Words
    bold: bool = False


@dataclass(frozen=True)
class Clause:
    """A clause under its title; its number is its place."""

    title: Words
    paragraphs: tuple[Paragraph, ...]


# The paragraphs of each clause; "!" before a name sets it in bold. Names with a dot are words of the sheet.
LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("loan", ("amount", "horizon", "!nothing_upfront")),
    ("purpose", ("use", "!never", "proof")),
    ("payout", ("sheet.payment", "conditions", "!unsure")),
    ("price", ("!rate", "formula", "days")),
    ("fees", ("!sheet.nothing_else", "!refuse", "third")),
    ("repayment", ("!formula", "no_sales", "order", "!channels")),
    ("path", ("!check", "!late", "hardship")),
    ("mandate", ("!grant", "shortfall", "end", "records")),
    ("early", ("sheet.freedom", "certificate")),
    ("default", ("!sheet.late", "!grounds", "!fair", "ours", "court_costs")),
    ("data", ("scope", "!register", "machine")),
    ("notices", ("!addresses", "change")),
    ("disputes", ("sheet.complaint", "court")),
    ("general", ("parts", "law", "!signature", "effect")),
)
# A plan by dates: instalments in place of the share of sales and of the minimum path; the places stay.
_DATED: dict[str, tuple[str, tuple[str, ...]]] = {
    "loan": ("loan", ("amount", "dated.horizon", "!nothing_upfront")),
    "repayment": ("dated", ("!plan", "holiday", "order", "!stays")),
    "path": ("due", ("!check", "!late", "path.hardship")),
    "mandate": ("mandate", ("!dated_grant", "dated_debit", "dated_end", "records")),
    # No share of sales is taken, so that no sales are withheld from it.
    "default": ("default", ("!sheet.late", "!dated_grounds", "!fair", "ours", "court_costs")),
}
DATED_LAYOUT = tuple(_DATED.get(name, (name, parts)) for name, parts in LAYOUT)
# A credit line: the first clause is the limit's, and one says by what it may be changed, under the ids that
# lending.line.CLAUSES knows (P16). The places of the clauses that others name by number are those of a loan.
LINE_LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("line", ("!limit", "draws", "conditions", "restores", "!free")),
    *(
        (name, parts) if name != "payout" else (name, (*parts[:2], "entrusted", *parts[2:]))
        for name, parts in LAYOUT[1:10]
    ),
    ("line_changes", ("intro", "!L1", "!L2", "!L3", "!L4", "!drawn", "review")),
    *LAYOUT[10:],
)


# What is short of the minimum path may be debited only where it was signed so; it weighs heavily, so it is in bold.
_AS_SIGNED = {"!grant": "!grant_with_path", "shortfall": "!shortfall_debit"}


def clauses(sheet: KeyFactsSheet, *, purpose: str, court: str, address: str) -> tuple[Clause, ...]:
    """All clauses for one sheet. ``purpose`` and the lender's ``court`` and ``address`` are in the paper's language."""
    params = {**_params(sheet), "purpose": purpose, "court": court, "address": address}
    order = Words("papers.clause.repayment.order", params)
    long_late = Words("papers.clause.repayment.principal_first", {"days": sheet.principal_first_days})
    borrowed = {
        "order": (order, long_late) if sheet.principal_first_days else (order,),
        # The last of the payment words says again what the unsure clause says in full.
        "sheet.payment": sheet.payment_words[:1],
        "sheet.nothing_else": (sheet.nothing_else,),
        "sheet.freedom": sheet.freedom_words,
        "sheet.late": sheet.late_words,
        "sheet.complaint": sheet.complaint_words,
        "dated.horizon": (Words("papers.clause.dated.horizon", params),),
        "path.hardship": (Words("papers.clause.path.hardship", params),),
    }
    found: list[Clause] = []
    plain_layout = DATED_LAYOUT if sheet.by_dates else LAYOUT
    for name, parts in LINE_LAYOUT if sheet.line_words else plain_layout:
        paragraphs: list[Paragraph] = []
        if name == "path" and sheet.day_rule is DayRule.FOLLOWING:
            parts = (parts[0], "holiday", *parts[1:])
        for part in parts:
            part = _AS_SIGNED.get(part, part) if sheet.path_debit else part
            bold, key = part.startswith("!"), part.removeprefix("!")
            words = borrowed.get(key) or (Words(f"papers.clause.{name}.{key}", params),)
            paragraphs += [Paragraph(one, bold) for one in words]
        found.append(Clause(Words(f"papers.clause.{name}"), tuple(paragraphs)))
    return tuple(found)


def _params(sheet: KeyFactsSheet) -> dict[str, Value]:
    """Everything that a clause may name; a text takes what it needs."""
    return {
        "currency": sheet.currency,
        "amount_minor": sheet.amount_minor,
        "amount_words": chinese_amount(sheet.amount_minor),
        "months": sheet.months,
        "annual_rate": plain(sheet.annual_rate),
        "total_rate": plain(sheet.annual_total_rate),
        "days": sheet.day_count.days_in_year,
        "share": plain(sheet.share),
        **(sheet.line_words[0].params if sheet.line_words else {}),
        "window": sheet.window_months,
        "grace": sheet.grace_days,
        "account": sheet.borrower.account_masked,
        "phone": sheet.borrower.phone_masked,
        "email": sheet.lender.email,
        "sheet_number": sheet.number,
    }
