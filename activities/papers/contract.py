"""The loan agreement: first the text that is read, then, signed, the same text with the evidence of the act."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno

from activities.papers.clauses import Clause, clauses
from activities.papers.key_facts import file_facts, firm_row, lender_name
from activities.papers.sheet import KeyFactsSheet
from activities.papers.words import BEIJING, Value, Words, day, say
from infra import i18n
from infra.papers.glyphs import printable
from infra.papers.press import press
from lending.terms import Terms, canonical, terms_hash

TEMPLATE = Path(__file__).with_name("contract.typ")

CHINESE_NUMBERS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True)
class Evidence:
    """The act of signing (电子签名法 13): who could, when, over what. ``signed_at`` is aware.

    ``code_id`` is the record of the one-time code that was bound to the terms' hash; ``shown_sha256`` the hash of the
    unsigned paper that was on offer.
    """

    signed_at: datetime
    code_id: str
    key_facts_opened_at: datetime
    shown_sha256: str


@dataclass(frozen=True)
class PartyOnPaper:
    """Somebody besides the borrower. ``liability``: joint or general, of a guarantor; ``answers_minor`` None is all of
    it. ``signed``: when and by which code's record."""

    role: str
    name: str
    id_masked: str
    phone_masked: str
    liability: str | None
    answers_minor: int | None
    signed: tuple[datetime, str] | None


@dataclass(frozen=True)
class ContractDraft:
    """All that the agreement prints. ``terms`` must be those of the sheet; without evidence it is for reading."""

    number: str
    sheet: KeyFactsSheet
    terms: Terms
    policy_version: str
    evidence: Evidence | None = None
    parties: tuple[PartyOnPaper, ...] = ()

    def __post_init__(self) -> None:
        if terms_hash(self.terms) != self.sheet.terms_hash:
            raise ValueError(f"contract {self.number}: its key facts were made for other terms")


def print_contract(draft: ContractDraft, locale: str) -> bytes:
    """The agreement as PDF/A-2b. The Chinese text governs; another language says so in its head.

    The same draft and locale always give the same bytes.
    """
    dated = draft.evidence.signed_at.astimezone(BEIJING).date() if draft.evidence else draft.sheet.on
    return press(TEMPLATE, contract_values(draft, locale), dated=dated)


def contract_values(draft: ContractDraft, locale: str) -> dict[str, Any]:
    """Every text of the agreement, finished: what the template lays out, and what a test can read."""
    sheet = draft.sheet
    lender, borrower = sheet.lender, sheet.borrower
    chinese = locale == "zh_CN"
    address = lender.address if chinese else lender.address_en
    court = lender.court if chinese else lender.court_en

    def t(key: str, **params: Value) -> str:
        return say(Words(key, {"currency": sheet.currency, **params}), locale)

    heading = t("papers.line.contract" if draft.terms.line_months else "papers.contract.title")
    return {
        **file_facts(sheet, locale, heading),
        "title": f"{heading} {printable(draft.number)}",
        "heading": heading,
        "product": i18n.text(sheet.product, locale),
        "number_line": f"{t('papers.contract.number')} {printable(draft.number)}",
        "draft_line": None if draft.evidence else t("papers.contract.draft"),
        "translation": None if chinese else t("papers.contract.translation"),
        "preamble": t("papers.contract.preamble"),
        "parties": [
            [
                t("papers.contract.lender"),
                lender_name(sheet, locale),
                [
                    [t("papers.contract.registration"), lender.registration],
                    [t("papers.contract.address"), printable(address)],
                    [t("papers.contract.service_phone"), lender.service_phone],
                ],
            ],
            [
                t("papers.contract.borrower"),
                printable(borrower.name),
                [
                    [t("papers.facts.id"), printable(borrower.id_masked)],
                    [*firm_row(sheet, locale)],
                    [t("papers.contract.phone"), printable(borrower.phone_masked)],
                    [t("papers.facts.account"), printable(borrower.account_masked)],
                ],
            ],
            *(_party(party, sheet, locale) for party in draft.parties),
        ],
        "party_signs": [_party_signs(party, locale) for party in draft.parties],
        "clauses": [
            _clause(clause, index, sheet, locale)
            for index, clause in enumerate(
                clauses(sheet, purpose=t(sheet.purpose), court=court, address=address), start=1
            )
        ],
        "path_title": t("papers.dated.annex" if sheet.by_dates else "papers.annex.path"),
        "path_note": t(
            "papers.dated.annex_note" if sheet.by_dates else "papers.annex.path_note", on=sheet.on.isoformat()
        ),
        "path_head": [
            "",
            t("papers.facts.due_day" if sheet.by_dates else "papers.facts.check_day"),
            t("papers.facts.instalment" if sheet.by_dates else "papers.facts.repaid_at_least"),
            t("papers.annex.left"),
        ],
        "path": [
            [
                str(point.number),
                day(point.on, locale),
                i18n.money(point.amount_minor if sheet.by_dates else point.repaid_minor, sheet.currency, locale),
                i18n.money(point.left_minor, sheet.currency, locale),
            ]
            for point in sheet.path
        ],
        "terms_title": t("papers.annex.terms"),
        "terms_note": t("papers.annex.terms_note"),
        "terms_text": canonical(draft.terms),
        "policy_line": t("papers.annex.policy", version=draft.policy_version),
        "qr": seal(draft),
        "sign_title": t("papers.sign.title"),
        "lender_sign": [lender_name(sheet, locale), t("papers.sign.issued", on=sheet.on.isoformat())],
        "borrower_sign": [printable(_signatory(sheet, locale)), _signed(draft.evidence, borrower.phone_masked, locale)],
        "shown_label": t("papers.sign.shown"),
        "shown": draft.evidence.shown_sha256 if draft.evidence else "",
        "pending": t("papers.sign.pending"),
        "page": i18n.text("papers.page", locale, page="{page}", pages="{pages}"),
    }


def _party(party: PartyOnPaper, sheet: KeyFactsSheet, locale: str) -> list[Any]:
    """A further party's block: as what, and for how much, it takes part."""
    facts = [
        [i18n.text("papers.facts.id", locale), printable(party.id_masked)],
        [i18n.text("papers.contract.phone", locale), printable(party.phone_masked)],
    ]
    if party.liability:
        minor = party.answers_minor or sheet.amount_minor
        means = i18n.text(f"lending.liability.{party.liability}.means", locale)
        liability = i18n.text(f"lending.liability.{party.liability}", locale)
        facts += [
            [i18n.text("papers.party.liability", locale), f"{liability}: {means}"],
            [i18n.text("papers.party.answers", locale), i18n.money(minor, sheet.currency, locale)],
        ]
    return [i18n.text(f"lending.role.{party.role}", locale), printable(party.name), facts]


def _party_signs(party: PartyOnPaper, locale: str) -> list[Any]:
    lines: list[list[str]] = []
    if party.signed:
        at = say(Words("papers.sign.beijing", {"signed_at": party.signed[0].isoformat()}), locale)
        method = say(Words("papers.sign.code", {"phone": party.phone_masked}), locale)
        lines = [
            [i18n.text("papers.sign.at", locale), at],
            [i18n.text("papers.sign.method", locale), method],
            [i18n.text("papers.sign.code_id", locale), party.signed[1]],
        ]
    return [i18n.text(f"lending.role.{party.role}", locale), printable(party.name), lines]


def _signatory(sheet: KeyFactsSheet, locale: str) -> str:
    """Whose name stands under the paper: of a company with who signs for it."""
    borrower = sheet.borrower
    if borrower.speaker is None:
        return borrower.name
    capacity = i18n.text(f"papers.facts.speaks.{borrower.capacity}", locale)
    return f"{borrower.name} · {capacity} {borrower.speaker}"


def _clause(clause: Clause, number: int, sheet: KeyFactsSheet, locale: str) -> dict[str, Any]:
    shown = chinese_number(number) if locale == "zh_CN" else str(number)
    return {
        "number": i18n.text("papers.contract.clause", locale, number=shown),
        "title": say(clause.title, locale),
        "paragraphs": [
            {"number": f"{number}.{place}", "text": say(paragraph.words, locale), "bold": paragraph.bold}
            for place, paragraph in enumerate(clause.paragraphs, start=1)
        ],
    }


def _signed(evidence: Evidence | None, phone_masked: str, locale: str) -> list[list[str]]:
    """The signature block's lines; none for a paper that is not signed."""
    if evidence is None:
        return []

    def t(key: str, **params: Value) -> str:
        return say(Words(f"papers.sign.{key}", params), locale)

    opened_at = t("beijing", signed_at=evidence.key_facts_opened_at.isoformat())
    return [
        [t("at"), t("beijing", signed_at=evidence.signed_at.isoformat())],
        [t("method"), t("code", phone=phone_masked)],
        [t("code_id"), evidence.code_id],
        [t("read"), opened_at],
    ]


def seal(draft: ContractDraft) -> str:
    """A QR code as SVG: contract number and fingerprint, for whoever compares paper and screen with a phone."""
    file = io.BytesIO()
    code = segno.make(f"HUOSHUI {draft.number} SHA-256 {draft.sheet.terms_hash}", error="m", micro=False)
    code.save(file, kind="svg", xmldecl=False, border=0, dark="#1b2a33")
    return file.getvalue().decode()


def chinese_number(number: int) -> str:
    """1 to 19 as in 第十四条."""
    if not 1 <= number <= 19:
        raise ValueError(f"no clause has number {number}")
    if number <= 10:
        return CHINESE_NUMBERS[number - 1]
    return "十" + CHINESE_NUMBERS[number - 11]
