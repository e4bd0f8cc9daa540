"""The pledge of a receivable as a paper of its own: what is pledged for what, who was told, and how it ends."""

from dataclasses import dataclass, field
from datetime import date, datetime

from activities.papers.sheet import Lender
from activities.papers.words import BEIJING, Value, Words, day, say
from infra import i18n
from infra.papers.listing import Listing, Part

# What both sides agree on besides the facts, in the order of the paper.
CLAUSES = ("secures", "warrants", "notice", "tells", "falls", "no_forfeiture", "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgePaper:
    """A pledge as signed; amounts in minor units.

    ``confirmed_minor``: what the buyer confirmed, None where papers prove it. ``days``: the working days within which
    its registration is cancelled once nothing is owed on it.
    """

    number: str
    line_contract: str
    limit_minor: int
    currency: str
    pledgor: str = field(repr=False)
    pledgor_id: str = field(repr=False)
    lender: Lender
    buyer: str = field(repr=False)
    buyer_licence: str = field(repr=False)
    invoice: str = field(repr=False)
    amount_minor: int
    confirmed_minor: int | None
    issued_on: date
    due_on: date
    registration_no: str
    registered_until: date
    signed_at: datetime
    code_id: str
    fingerprint: str
    days: int


def pledge_listing(paper: PledgePaper, locale: str) -> Listing:
    """The contract of a pledge in words (民法典 427: parties, what it secures, what is pledged, its extent)."""
    lender = paper.lender.name if locale == "zh_CN" else paper.lender.name_en

    def t(key: str, **params: Value) -> str:
        return say(Words(f"papers.pledge.{key}", {"currency": paper.currency, **params}), locale)

    def money(minor: int) -> str:
        return i18n.money(minor, paper.currency, locale)

    parties = [
        (t("pledgor"), paper.pledgor),
        (t("id"), paper.pledgor_id),
        (t("pledgee"), lender),
        (t("line"), paper.line_contract),
        (t("limit"), money(paper.limit_minor)),
    ]
    confirmed = paper.confirmed_minor
    claim = [
        (t("buyer"), paper.buyer),
        (t("buyer_id"), paper.buyer_licence),
        (t("invoice"), paper.invoice),
        (t("amount"), money(paper.amount_minor)),
        (t("rests_on"), t("proven") if confirmed is None else t("confirmed", sum_minor=confirmed)),
        (t("issued"), day(paper.issued_on, locale)),
        (t("due"), day(paper.due_on, locale)),
    ]
    act = [
        (t("registration"), paper.registration_no),
        (t("registered_until"), day(paper.registered_until, locale)),
        (t("signed"), t("at", signed_at=paper.signed_at.isoformat())),
        (t("code"), paper.code_id),
        (t("fingerprint"), paper.fingerprint),
    ]
    signed_on = paper.signed_at.astimezone(BEIJING).date()
    return Listing(
        heading=t("title"),
        number=paper.number,
        parts=(Part(facts=parties), Part(t("claim"), facts=claim), Part(t("act"), facts=act)),
        issuer=lender,
        dated=signed_on,
        day=day(signed_on, locale),
        lead=t("lead"),
        notes=tuple(t(f"clause.{name}", contract=paper.line_contract, days=paper.days) for name in CLAUSES),
        footer=t("footer", phone=paper.lender.service_phone),
    )
