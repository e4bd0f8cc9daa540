"""What the owner allows us to do with data: what for, from where, until when (个保法 14, 15, 23, 29)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from lending.identity import CheckKind
from lending.parties import Liability, Role
from lending.refusals import ConsentMissing


class Purpose(StrEnum):
    """One purpose, one consent: none is bundled into another."""

    FLOWS_ANALYSIS = "flows_analysis"  # read wallet and bank bills to judge and price this application
    BUREAU_QUERY = "bureau_query"  # ask the credit register once; leaves a query record (征信业管理条例 18)
    SHARING = "sharing"  # give the rail and the signing authority what they need to pay and to seal
    PRESCORE = "prescore"  # look at flows before anybody applies, to say what could be lent
    MODEL_TRAINING = "model_training"  # keep the decided case without a name, for the next model to learn from
    INVOICES_ANALYSIS = "invoices_analysis"  # read lists of invoices to judge and price this application
    CO_BORROW = "co_borrow"  # owe the loan together with the borrower
    GUARANTEE_JOINT = "guarantee_joint"  # 连带责任保证 (民法典 688)
    GUARANTEE_GENERAL = "guarantee_general"  # 一般保证 (民法典 687)
    MORTGAGE = "mortgage"  # give what one owns, or shares, as security for somebody's loan (民法典 301, 395)
    POWER_OF_ATTORNEY = "power_of_attorney"  # 授权书: an agent applies for a company in its representative's name
    IDENTITY_CHECK = "identity_check"  # face and identity card to the providers that know them (个保法 28, 29)
    # The same of whoever takes part in somebody else's loan, with no account and no licence (个保法 6, 28: the least).
    PARTY_IDENTITY = "party_identity"
    REPRESENTATIVE_IDENTITY = "representative_identity"  # and that the company register names them


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What is asked for one purpose. The texts stand in the catalogue under ``text_key``, in every language.

    ``source``: where the data comes from or goes to, as a code. ``law``: why it is asked apart from all others.
    ``asked_with_evidence``: asked on the page of permissions; else where it is needed. ``of_role``: asked only of
    whoever takes that part in somebody's loan: the words by which they take it.
    """

    purpose: Purpose
    text_key: str
    scope: tuple[str, ...]
    valid_for: timedelta
    needed_for_credit: bool
    source: str
    law: str
    version: str = "2026.1"
    asked_with_evidence: bool = True
    of_role: bool = False


# A query consent serves one application; flows are read again daily while the loan lives, so that consent lasts longer.
# The debit mandate lives as long as the longest plan on its slowest path: a shorter one would end collections half-way.
TERMS: dict[Purpose, ConsentTerms] = {
    Purpose.FLOWS_ANALYSIS: ConsentTerms(
        Purpose.FLOWS_ANALYSIS,
        "lending.consent.flows_analysis",
        ("statement_lines", "daily_revenue"),
        timedelta(days=365),
        needed_for_credit=True,
        source="bills",
        law="个保法 29",
    ),
    Purpose.BUREAU_QUERY: ConsentTerms(
        Purpose.BUREAU_QUERY,
        "lending.consent.bureau_query",
        ("credit_report", "company_credit_report", "court_records", "company_register"),
        timedelta(days=30),
        needed_for_credit=True,
        source="registers",
        law="征信业管理条例 18",
        version="2026.2",
    ),
    Purpose.SHARING: ConsentTerms(
        Purpose.SHARING,
        "lending.consent.sharing",
        ("name", "account", "mandate"),
        timedelta(days=1825),
        needed_for_credit=True,
        source="bank_and_signing_authority",
        law="个保法 23",
        version="2026.2",
    ),
    Purpose.PRESCORE: ConsentTerms(
        Purpose.PRESCORE,
        "lending.consent.prescore",
        ("statement_lines", "invoices"),
        timedelta(days=365),
        needed_for_credit=False,
        source="bills_and_invoices",
        law="个保法 29",
        version="2026.2",
    ),
    Purpose.MODEL_TRAINING: ConsentTerms(
        Purpose.MODEL_TRAINING,
        "lending.consent.model_training",
        ("features", "outcome"),
        timedelta(days=1095),
        needed_for_credit=False,
        source="decided_cases",
        law="个保法 14",
    ),
    Purpose.INVOICES_ANALYSIS: ConsentTerms(
        Purpose.INVOICES_ANALYSIS,
        "lending.consent.invoices_analysis",
        ("invoices", "receivables"),
        timedelta(days=365),
        needed_for_credit=False,
        source="invoices",
        law="个保法 29",
    ),
    Purpose.IDENTITY_CHECK: ConsentTerms(
        Purpose.IDENTITY_CHECK,
        "lending.consent.identity_check",
        ("name", "id_number", "face", "account", "licence", "photos"),
        timedelta(days=365),
        needed_for_credit=False,
        source="identity_providers",
        law="个保法 29",
        asked_with_evidence=False,
    ),
    **{
        purpose: ConsentTerms(
            purpose,
            f"lending.consent.{purpose.value}",
            scope,
            timedelta(days=365),
            needed_for_credit=False,
            source="identity_providers",
            law="个保法 29",
            asked_with_evidence=False,
            of_role=True,
        )
        for purpose, scope in (
            (Purpose.PARTY_IDENTITY, ("name", "id_number", "face")),
            (Purpose.REPRESENTATIVE_IDENTITY, ("name", "id_number", "face", "register")),
        )
    },
    **{
        purpose: ConsentTerms(
            purpose,
            f"lending.consent.{purpose.value}",
            ("name", "id_number", "part"),
            timedelta(days=1825),
            needed_for_credit=False,
            source="party",
            law=law,
            version=version,
            asked_with_evidence=False,
            of_role=True,
        )
        for purpose, law, version in (
            (Purpose.CO_BORROW, "民法典 518", "2026.1"),
            (Purpose.GUARANTEE_JOINT, "民法典 688", "2026.2"),
            (Purpose.GUARANTEE_GENERAL, "民法典 687", "2026.2"),
            (Purpose.MORTGAGE, "民法典 395", "2026.1"),
            (Purpose.POWER_OF_ATTORNEY, "民法典 165", "2026.1"),
        )
    },
}
# The words by which each part is taken: a guarantee is never given without saying which (民法典 686).
ROLE_PURPOSE: dict[tuple[Role, Liability | None], Purpose] = {
    (Role.CO_BORROWER, None): Purpose.CO_BORROW,
    (Role.GUARANTOR, Liability.JOINT): Purpose.GUARANTEE_JOINT,
    (Role.GUARANTOR, Liability.GENERAL): Purpose.GUARANTEE_GENERAL,
    (Role.MORTGAGOR, None): Purpose.MORTGAGE,
    (Role.AGENT, None): Purpose.POWER_OF_ATTORNEY,
    (Role.REPRESENTATIVE, None): Purpose.POWER_OF_ATTORNEY,
}


def identity_of(checks: Collection[CheckKind]) -> Purpose:
    """The narrowest permission that names all these checks of a party, and no other (个保法 6)."""
    return Purpose.REPRESENTATIVE_IDENTITY if CheckKind.REGISTER in checks else Purpose.PARTY_IDENTITY


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent as it was given. ``text_hash``: SHA-256 of the words that stood on the page, in its language.

    ``scope``: what those words named; a consent of before there was more to name covers no more than it says.
    ``until``: the first day on which it does not count, as its row says; None: the term that its words name today.
    """

    purpose: Purpose
    text_hash: str
    given_at: datetime
    revoked_at: datetime | None = None
    scope: tuple[str, ...] = ()
    until: date | None = None

    @property
    def expires_at(self) -> datetime:
        return self.given_at + TERMS[self.purpose].valid_for

    def covers(self, what: str) -> bool:
        """Whether the words that were agreed to name it."""
        return what in self.scope

    def allows_at(self, now: datetime) -> bool:
        """Given, not taken back, not run out: having run out is having been taken back."""
        lives = now < self.expires_at if self.until is None else now.date() < self.until
        return self.given_at <= now and lives and (self.revoked_at is None or now < self.revoked_at)


def text_hash(terms: ConsentTerms, text: str) -> str:
    """What proves which words were agreed to: purpose, version, scope and the text as shown."""
    return sha256("\x1f".join((terms.purpose, terms.version, *terms.scope, text)).encode()).hexdigest()


def require(purpose: Purpose, consents: Iterable[Consent], now: datetime) -> Consent:
    """The consent that allows ``purpose`` now, the newest if several; else :class:`ConsentMissing`."""
    return require_one((purpose,), consents, now)


def require_one(purposes: Collection[Purpose], consents: Iterable[Consent], now: datetime) -> Consent:
    """The newest consent that allows one of ``purposes`` now; else :class:`ConsentMissing` of the first of them."""
    allowing = [c for c in consents if c.purpose in purposes and c.allows_at(now)]
    if not allowing:
        raise ConsentMissing(purpose=next(iter(purposes)).value)
    return max(allowing, key=lambda consent: consent.given_at)


def ended(purpose: Purpose, consents: Iterable[Consent], now: datetime) -> bool:
    """Whether it was allowed once and is not any more: taken back, or run out. What a contract asks stops then too."""
    mine = [one for one in consents if one.purpose is purpose]
    return bool(mine) and not any(one.allows_at(now) for one in mine)


def missing(consents: Iterable[Consent], now: datetime) -> tuple[Purpose, ...]:
    """Purposes needed for credit that nothing allows now, in the order they are asked."""
    held = {c.purpose for c in consents if c.allows_at(now)}
    return tuple(p for p, terms in TERMS.items() if terms.needed_for_credit and p not in held)
