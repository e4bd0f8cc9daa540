"""The file of evidence profiles, as the rules take it."""

from typing import Literal

from lending.identity import CheckKind
from lending.parties import INVITED, PartyKind, Role
from lending.profiles import DEPENDS, Capacity, EvidenceProfile, Holder, PartyChecks, Profiles
from policies.files import PolicyError, PolicyFile, Section


class ProfileSection(Section):
    fields: tuple[Literal["firm_name", "licence", "capacity"], ...]
    papers: tuple[Literal["id_card", "licence"], ...]
    checks: tuple[CheckKind, ...]
    speaks: tuple[Capacity, ...]
    account: Holder


class PartySection(Section):
    checks: tuple[CheckKind, ...]


class ProfilesFile(PolicyFile):
    """One profile for each kind of applicant, and for each role of whoever is invited."""

    profiles: dict[PartyKind, ProfileSection]
    parties: dict[Role, PartySection]


def profiles_of(file: ProfilesFile) -> Profiles:
    """Every kind has a profile, and each asks for what it checks; else :class:`PolicyError`."""
    found = {
        kind: EvidenceProfile(kind, one.fields, one.papers, one.checks, one.speaks, one.account)
        for kind, one in file.profiles.items()
    }
    for kind in PartyKind:
        profile = found.get(kind)
        if profile is None:
            raise PolicyError("evidence_profiles.yaml", kind.value, "every kind of applicant has a profile")
        if not {CheckKind.NETWORK, CheckKind.BANK_CARD, CheckKind.LIVENESS} <= set(profile.checks):
            raise PolicyError("evidence_profiles.yaml", kind.value, "a person is always checked")
        if (CheckKind.REGISTER in profile.checks) != profile.asks("licence"):
            raise PolicyError("evidence_profiles.yaml", kind.value, "the register is asked for whoever has a licence")
        if not profile.speaks or (len(profile.speaks) > 1) != profile.asks("capacity"):
            raise PolicyError("evidence_profiles.yaml", kind.value, "who speaks is asked where there is a choice")
        if not set(profile.fields) <= DEPENDS:
            raise PolicyError("evidence_profiles.yaml", kind.value, "only fields that depend on the kind")
    return found


def party_checks_of(file: ProfilesFile) -> PartyChecks:
    """What is checked of each role that may be invited; else :class:`PolicyError`."""
    for role in INVITED:
        asked = file.parties[role].checks if role in file.parties else ()
        if not {CheckKind.NETWORK, CheckKind.LIVENESS} <= set(asked):
            raise PolicyError("evidence_profiles.yaml", f"parties.{role.value}", "a person is always checked")
        if CheckKind.BANK_CARD in asked:
            raise PolicyError("evidence_profiles.yaml", f"parties.{role.value}", "no party's account is asked for")
    return {role: file.parties[role].checks for role in INVITED}
