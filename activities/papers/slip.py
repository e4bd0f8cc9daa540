"""The slip of a draw (借据): what is drawn under which line, on which terms, and how it was confirmed."""

from collections.abc import Mapping
from datetime import datetime

from activities.papers.amounts import chinese_amount
from activities.papers.key_facts import firm_name, firm_row, lender_name
from activities.papers.sheet import KeyFactsSheet
from activities.papers.words import BEIJING, Value, Words, day, percent, say
from infra import i18n
from infra.papers.listing import Listing, Part


def slip_listing(
    sheet: KeyFactsSheet, number: str, evidence: Mapping[str, str], signed_at: datetime, locale: str
) -> Listing:
    """The slip in words. ``evidence``: the tap's command, and the line's contract with the code that signed it."""

    def t(key: str, **params: Value) -> str:
        return say(Words(f"papers.slip.{key}", {"currency": sheet.currency, **params}), locale)

    borrower, usual = sheet.borrower, sheet.estimates[1]
    on = signed_at.astimezone(BEIJING).date()
    parties = [
        (t("borrower"), borrower.name),
        (t("id"), borrower.id_masked),
        (t("firm"), firm_name(sheet, locale)) if borrower.speaker is None else firm_row(sheet, locale),
        (t("account"), borrower.account_masked),
        (t("line"), evidence["line_contract"]),
    ]
    terms = [
        (t("amount"), i18n.money(sheet.amount_minor, sheet.currency, locale)),
        *([(t("in_words"), chinese_amount(sheet.amount_minor))] if locale == "zh_CN" else []),
        (t("rate"), percent(sheet.annual_rate, locale)),
        (t("share"), percent(sheet.share, locale)),
        (t("first_look"), day(sheet.path[0].on, locale)),
        (t("last_day"), day(sheet.path[-1].on, locale)),
        (t("interest"), i18n.money(usual.total_interest_minor, sheet.currency, locale)),
    ]
    act = [
        (t("confirmed"), t("at", signed_at=signed_at.isoformat())),
        (t("command"), evidence["command_id"]),
        (t("fingerprint"), sheet.terms_hash),
    ]
    return Listing(
        heading=t("title"),
        number=number,
        parts=(Part(facts=parties), Part(t("terms"), facts=terms), Part(t("act"), facts=act)),
        issuer=lender_name(sheet, locale),
        dated=on,
        day=day(on, locale),
        notes=(t("frame", contract=evidence["line_contract"]), t("free")),
        footer=t("footer", phone=sheet.lender.service_phone),
    )
