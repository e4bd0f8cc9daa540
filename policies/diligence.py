"""The file of what is owed to a case, as the rules take it."""

from typing import Annotated

from pydantic import Field

from lending.diligence import DutyList
from policies.files import PolicyError, PolicyFile

# What api/manager/duties.py can prove. A list that asks for more would be met by nobody.
PROVABLE = frozenset(
    {
        *("identity_proven", "consents_given", "registers_asked", "bills_read", "purpose_said", "papers_judged"),
        *(
            "seen_outside",
            "evidence_speaks",
            "numbers_match",
            "own_view_first",
            "override_explained",
            "report_kept",
            "two_people",
        ),
    }
)


class DiligenceFile(PolicyFile):
    """The list, in its order."""

    source: Annotated[str, Field(min_length=2, max_length=60)]
    looked_up: bool
    required: tuple[str, ...]
    duties: Annotated[tuple[str, ...], Field(min_length=1)]


def duties_of(file: DiligenceFile) -> DutyList:
    """As the rules take it. Raises :class:`PolicyError` for a duty that stands twice or that nobody can prove."""
    for code in file.duties:
        if code not in PROVABLE:
            raise PolicyError("diligence.yaml", f"duties.{code}", f"unknown; known: {', '.join(sorted(PROVABLE))}")
    if len(set(file.duties)) != len(file.duties):
        raise PolicyError("diligence.yaml", "duties", "a duty stands twice")
    if unknown := next((code for code in file.required if code not in file.duties), None):
        raise PolicyError("diligence.yaml", "required", f"{unknown!r} does not stand under duties")
    return DutyList(file.duties, file.source, file.looked_up, frozenset(file.required))
