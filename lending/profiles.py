"""What each kind of applicant is asked for, and whose account its money goes to: one profile a kind, as data (S2-4)."""

from dataclasses import dataclass
from enum import StrEnum

from lending.identity import CheckKind
from lending.parties import INVITED, PartyKind, Role
from lending.refusals import PayeeNotProven


class Capacity(StrEnum):
    """In what capacity a person speaks for the firm that applies."""

    OPERATOR = "operator"  # 经营者本人: a sole trader, or somebody without a licence, is the firm
    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人
    AGENT = "agent"  # 经办人, by a power of attorney (授权书) of the legal representative


class Holder(StrEnum):
    """Whose name the account stands in."""

    FIRM = "firm"  # 对公账户
    OPERATOR = "operator"  # the operator's own, same-name account


@dataclass(frozen=True, slots=True)
class EvidenceProfile:
    """One kind of applicant. ``fields``: which of the fields that depend on the kind are asked; ``papers``: which
    photos may fill the form; ``checks``: what is asked of providers; ``speaks``: who may apply, the usual one first."""

    kind: PartyKind
    fields: tuple[str, ...]
    papers: tuple[str, ...]
    checks: tuple[CheckKind, ...]
    speaks: tuple[Capacity, ...]
    account: Holder

    def asks(self, field: str) -> bool:
        """Whether a field is asked of this kind; one that does not depend on it always is."""
        return field in self.fields or field not in DEPENDS

    def capacity(self, said: str | None) -> Capacity | None:
        """In what capacity somebody applies; None where that must be said and was not, or is none of these."""
        if len(self.speaks) == 1:
            return self.speaks[0]
        return next((one for one in self.speaks if one.value == said), None)


# The fields of the identity page that not every kind is asked for.
DEPENDS = frozenset({"firm_name", "licence", "capacity"})
Profiles = dict[PartyKind, EvidenceProfile]
# What is checked of whoever takes part in somebody else's loan, by their role.
PartyChecks = dict[Role, tuple[CheckKind, ...]]


# Only a company has a legal representative or somebody who acts for it.
OF_COMPANIES = frozenset({Role.AGENT, Role.REPRESENTATIVE})


def has_representative_beside(kind: PartyKind | None, capacity: Capacity | None) -> bool:
    """Whether a firm's legal representative can be somebody else than its applicant; while the kind is not known yet,
    they can."""
    return kind in (None, PartyKind.COMPANY) and capacity is not Capacity.LEGAL_REPRESENTATIVE


def invitable(kind: PartyKind | None, capacity: Capacity | None) -> tuple[Role, ...]:
    """Whom the applicant of such a firm may ask to take part: no role that nobody could fill."""
    if kind not in (None, PartyKind.COMPANY):
        return tuple(role for role in INVITED if role not in OF_COMPANIES)
    beside = has_representative_beside(kind, capacity)
    return tuple(role for role in INVITED if role is not Role.REPRESENTATIVE or beside)


def may_be_paid(profile: EvidenceProfile, *, firms_account: bool) -> None:
    """A company's money goes to its own account, anybody else's to the operator's: else :class:`PayeeNotProven`."""
    if (profile.account is Holder.FIRM) != firms_account:
        raise PayeeNotProven


def looks_personal(account: str) -> bool:
    """Whether an account number is a bank card's: they begin with 62 (ISO/IEC 7812, UnionPay); a firm's account
    (对公账户) is no card."""
    return account.startswith("62") and len(account) >= 16
