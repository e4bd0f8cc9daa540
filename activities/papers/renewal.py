"""What the papers say of an old loan that the new one pays off."""

from dataclasses import dataclass

from activities.papers.words import Words


@dataclass(frozen=True)
class RenewalLine:
    """The old loan that this one pays off, what ends it, and what is paid out. Unearned fees are taken off before."""

    number: int
    principal_minor: int
    interest_minor: int
    rebate_minor: int
    payoff_minor: int
    net_minor: int


def paid_to(renewal: RenewalLine | None, account: str, *, company: bool = False) -> Words:
    """Where the money goes: to the borrower's account, of a company its own, or to the old loan first."""
    if renewal is None:
        return Words(f"papers.payment.{'firms' if company else 'own'}_account", {"account": account})
    return Words(
        "papers.payment.renewal",
        {
            "old": f"A-{renewal.number}",
            "payoff_minor": renewal.payoff_minor,
            "principal_minor": renewal.principal_minor,
            "interest_minor": renewal.interest_minor,
            "rebate_minor": renewal.rebate_minor,
            "net_minor": renewal.net_minor,
            "account": account,
        },
    )
