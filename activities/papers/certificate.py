"""The certificate of settlement (结清证明): that a loan is repaid, for whoever asks the owner to prove it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from activities.papers.amounts import chinese_amount
from activities.papers.key_facts import file_facts, lender_name
from activities.papers.sheet import KeyFactsSheet
from activities.papers.words import Value, Words, day, say
from infra import i18n
from infra.papers.glyphs import printable
from infra.papers.press import press

TEMPLATE = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True)
class Settlement:
    """A loan that is over. ``sheet`` is the signed one; amounts are all that was paid, in minor units."""

    number: str
    contract_number: str
    sheet: KeyFactsSheet
    credited_on: date
    closed_on: date
    principal_paid_minor: int
    interest_paid_minor: int

    def __post_init__(self) -> None:
        if self.principal_paid_minor != self.sheet.amount_minor:
            raise ValueError(f"certificate {self.number}: principal is not repaid in full")
        if self.closed_on < self.credited_on:
            raise ValueError(f"certificate {self.number}: closed before it was credited")


def print_certificate(settlement: Settlement, locale: str) -> bytes:
    """The certificate as PDF/A-2b, dated the day the loan closed; the same input always gives the same bytes."""
    return press(TEMPLATE, certificate_values(settlement, locale), dated=settlement.closed_on)


def certificate_values(settlement: Settlement, locale: str) -> dict[str, Any]:
    """Every text of the certificate, finished."""
    sheet = settlement.sheet
    borrower = sheet.borrower

    def t(key: str, **params: Value) -> str:
        return say(Words(f"papers.certificate.{key}", {"currency": sheet.currency, **params}), locale)

    paid = (settlement.principal_paid_minor, settlement.interest_paid_minor)
    return {
        **file_facts(sheet, locale, t("title")),
        "title": f"{t('title')} {printable(settlement.number)}",
        "heading": t("title"),
        "number_line": f"{t('number')} {printable(settlement.number)}",
        "body": t(
            "body",
            name=borrower.name,
            id_masked=borrower.id_masked,
            contract=settlement.contract_number,
            amount_minor=sheet.amount_minor,
            amount_words=chinese_amount(sheet.amount_minor),
            credited_on=settlement.credited_on.isoformat(),
            closed_on=settlement.closed_on.isoformat(),
        ),
        "firm": t("firm", firm=borrower.firm_name) if borrower.firm_name and borrower.speaker is None else None,
        "paid_head": [t("principal_paid"), t("interest_paid"), t("fees_paid"), t("total_paid")],
        "paid": [i18n.money(amount, sheet.currency, locale) for amount in (*paid, 0, sum(paid))],
        "mandate": t("mandate"),
        "issued": [lender_name(sheet, locale), day(settlement.closed_on, locale)],
        "free": t("free", phone=sheet.lender.service_phone),
    }
