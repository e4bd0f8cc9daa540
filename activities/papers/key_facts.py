"""The key facts as one printed page, in one language."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from activities.papers.amounts import chinese_amount
from activities.papers.sheet import KeyFactsSheet
from activities.papers.sheet_lines import Estimate, PathPoint
from activities.papers.words import Value, Words, day, percent, say
from infra import i18n
from infra.papers.glyphs import printable
from infra.papers.press import press

TEMPLATE = Path(__file__).with_name("key_facts.typ")

# One page is part of the promise: long names and many checkpoints make the type smaller, never a second page.
SIZES = tuple(Decimal(size) for size in ("9.8", "9.4", "9", "8.6", "8.2", "7.8", "7.4", "7"))


class TooLongForOnePage(ValueError):
    """The key facts do not fit one readable page."""


def print_key_facts(sheet: KeyFactsSheet, locale: str) -> bytes:
    """The sheet as a PDF of exactly one A4 page; the same sheet and locale always give the same bytes."""
    values = page_values(sheet, locale)
    for size in SIZES:
        made = press(TEMPLATE, {**values, "size": str(size)}, dated=sheet.on)
        if pages(made) == 1:
            return made
    raise TooLongForOnePage(f"key facts {sheet.number} do not fit one page at {SIZES[-1]} pt")


def page_values(sheet: KeyFactsSheet, locale: str) -> dict[str, Any]:
    """Every text of the page, finished: what the template lays out, and what a test can read."""

    def t(key: str, **params: Value) -> str:
        return say(Words(key, {"currency": sheet.currency, **params}), locale)

    def money(minor: int) -> str:
        return i18n.money(minor, sheet.currency, locale)

    def every(words: tuple[Words, ...]) -> list[str]:
        return [say(one, locale) for one in words]

    def heads(*names: str) -> list[str]:
        return [t(f"papers.facts.{name}") for name in names]

    lender = lender_name(sheet, locale)
    borrower = sheet.borrower
    return {
        **file_facts(sheet, locale, t("papers.facts.title")),
        "heading": t("papers.facts.title"),
        "subheading": t("papers.facts.subtitle"),
        "lender_name": lender,
        "number_line": f"{t('papers.number')} {printable(sheet.number)} · {day(sheet.on, locale)}",
        "lead": t("papers.facts.lead"),
        "principal_label": t("papers.facts.principal"),
        "principal": money(sheet.amount_minor),
        "principal_words": chinese_amount(sheet.amount_minor),
        "rate_label": t("papers.facts.total_rate"),
        "rate": percent(sheet.annual_total_rate, locale),
        "rate_note": t("papers.facts.total_rate_note"),
        **repaid_by(sheet, locale),
        "parties": [
            [t("papers.facts.borrower"), printable(borrower.name)],
            [t("papers.facts.id"), printable(borrower.id_masked)],
            [t("papers.facts.account"), printable(borrower.account_masked)],
            [*firm_row(sheet, locale)],
            [t("papers.facts.product"), f"{i18n.text(sheet.product, locale)} {sheet.product_version}"],
            [t("papers.facts.purpose"), t(sheet.purpose)],
        ],
        "costs_title": t("papers.facts.costs"),
        "costs_head": heads("cost_item", "cost_method", "cost_rate", "cost_amount", "cost_payee"),
        "costs": [
            [
                t(cost.name),
                say(cost.method, locale),
                "—" if cost.annual_rate is None else percent(cost.annual_rate, locale),
                t("papers.facts.see_estimate") if cost.amount_minor is None else money(cost.amount_minor),
                say(cost.payee, locale),
            ]
            for cost in sheet.costs
        ],
        "third_title": t("papers.facts.third"),
        "third": [[t(cost.name), money(cost.amount_minor)] for cost in sheet.third_party],
        "third_note": "; ".join(dict.fromkeys(say(cost.bearer, locale) for cost in sheet.third_party)),
        "nothing_else": say(sheet.nothing_else, locale),
        "estimates_title": t("papers.facts.estimates"),
        "estimates_head": [t("papers.dated.way"), t("papers.dated.finish"), *heads("interest_total", "total")]
        if sheet.by_dates
        else heads("weather", "finish", "interest_total", "total"),
        "estimates": [_estimate(one, sheet, locale) for one in sheet.estimates],
        "estimate_note": t(
            "papers.dated.estimate_note" if sheet.by_dates else "papers.facts.estimate_note",
            annual_rate=str(sheet.annual_rate),
            on=sheet.on.isoformat(),
        ),
        "line_title": t("papers.line.title"),
        "line_words": every(sheet.line_words),
        "repayment_title": t("papers.facts.repayment"),
        "repayment_words": every(sheet.repayment_words),
        "path_title": t("papers.dated.path" if sheet.by_dates else "papers.facts.path", on=sheet.on.isoformat()),
        "path_head": ["", *heads(*(("due_day", "instalment") if sheet.by_dates else ("check_day", "repaid_at_least")))],
        "path": path_rows(sheet.path, sheet, locale),
        "path_note": t("papers.dated.path_note" if sheet.by_dates else "papers.facts.path_last"),
        "late_title": t("papers.facts.late"),
        "late_words": every(sheet.late_words),
        "late_example": t(
            "papers.dated.late_example" if sheet.by_dates else "papers.facts.late_example",
            overdue_minor=sheet.late_examples[0].overdue_minor,
        ),
        "late_head": ["", *heads("ordinary", "extra")],
        "late": [
            [t("papers.facts.late_by", n=one.days), money(one.ordinary_minor), money(one.late_minor)]
            for one in sheet.late_examples
        ],
        "freedom_title": t("papers.facts.freedom"),
        "freedom_words": every(sheet.freedom_words),
        "timeline_title": t("papers.facts.timeline"),
        "timeline_words": every(sheet.timeline_words),
        "payment_title": t("papers.facts.payment"),
        "payment_words": every(sheet.payment_words),
        "complaint_title": t("papers.facts.complaint"),
        "complaint_words": every(sheet.complaint_words),
        "confirm": t("papers.facts.confirm"),
    }


def _estimate(one: Estimate, sheet: KeyFactsSheet, locale: str) -> list[str]:
    finish = i18n.text("papers.facts.no_finish", locale)
    return [
        say(Words(f"papers.weather.{one.weather}", {"share": str(one.factor)}), locale),
        day(one.finish_on, locale) if one.finish_on else finish,
        i18n.money(one.total_interest_minor, sheet.currency, locale),
        i18n.money(one.total_minor, sheet.currency, locale),
    ]


def repaid_by(sheet: KeyFactsSheet, locale: str) -> dict[str, str]:
    """The first answer to "how do I repay": the share of a day's sales, or the first instalment."""
    if not sheet.by_dates:
        return {
            "share_label": i18n.text("papers.facts.share", locale),
            "share": say(Words("papers.facts.share_of", {"share": str(sheet.share)}), locale),
            "horizon": say(Words("papers.facts.horizon", {"n": sheet.months}), locale),
        }
    return {
        "share_label": i18n.text("papers.dated.label", locale),
        "share": i18n.money(sheet.path[0].amount_minor, sheet.currency, locale),
        "horizon": say(Words("papers.dated.horizon", {"n": sheet.months}), locale),
    }


def path_rows(path: tuple[PathPoint, ...], sheet: KeyFactsSheet, locale: str) -> list[list[str]]:
    """Number, day and the least principal repaid by then; the last row adds the interest. Of a plan by dates each
    instalment, with the interest in it."""
    if sheet.by_dates:
        return [
            [
                str(point.number),
                day(point.on, locale),
                say(
                    Words(
                        "papers.dated.of_which",
                        {
                            "currency": sheet.currency,
                            "amount_minor": point.amount_minor,
                            "interest_minor": point.interest_minor,
                        },
                    ),
                    locale,
                ),
            ]
            for point in path
        ]
    rows = [
        [str(point.number), day(point.on, locale), i18n.money(point.repaid_minor, sheet.currency, locale)]
        for point in path
    ]
    rows[-1][2] += f" {i18n.text('papers.facts.with_interest', locale)}"
    return rows


def file_facts(sheet: KeyFactsSheet, locale: str, title: str) -> dict[str, str]:
    """What every paper of a sheet says about itself: language, author, title, and the fingerprint of its terms."""
    return {
        "title": f"{title} {printable(sheet.number)}",
        "author": lender_name(sheet, locale),
        "lang": "zh" if locale == "zh_CN" else "en",
        "region": "cn" if locale == "zh_CN" else "gb",
        "fingerprint_label": i18n.text("papers.fingerprint", locale),
        "fingerprint": sheet.terms_hash,
    }


def lender_name(sheet: KeyFactsSheet, locale: str) -> str:
    """The lender's name in the paper's language."""
    return sheet.lender.name if locale == "zh_CN" else sheet.lender.name_en


def firm_row(sheet: KeyFactsSheet, locale: str) -> tuple[str, str]:
    """The business that a person runs; of a company, which stands there by its name, who speaks for it."""
    borrower = sheet.borrower
    if borrower.speaker is None:
        return i18n.text("papers.facts.firm", locale), firm_name(sheet, locale)
    return i18n.text(f"papers.facts.speaks.{borrower.capacity}", locale), printable(borrower.speaker)


def firm_name(sheet: KeyFactsSheet, locale: str) -> str:
    """The firm, or that there is none with a licence."""
    name = sheet.borrower.firm_name
    return i18n.text("papers.self_employed", locale) if name is None else printable(name)


def pages(pdf: bytes) -> int:
    """How many pages one of our own PDFs has (typst writes its page objects in clear)."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
