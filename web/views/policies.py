"""The desk's pages of the policy: what is in force, what is proposed, and one proposal with what it touches."""

from dataclasses import dataclass

from api.views.policy import PolicyInForce, ReleaseFile
from web.views.parts import Form


@dataclass(frozen=True)
class PolicyPage:
    """``publish``: the form for a published rate; None for whoever only reads."""

    seen: PolicyInForce
    publish: Form | None = None


@dataclass(frozen=True)
class ProposePage:
    """A file of the policy is proposed."""

    seen: PolicyInForce
    propose: Form


@dataclass(frozen=True)
class ReleasePage:
    """One proposal; ``answer`` for whoever may answer it."""

    seen: ReleaseFile
    answer: Form | None = None
