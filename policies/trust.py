"""The file of trust levels, as the rules take it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from lending.trust import Benefits, TrustPolicy
from policies.files import PolicyError, PolicyFile, Section


class LevelSection(Section):
    offer_days: Annotated[int, Field(ge=0, le=60)]
    review_within: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=1))]
    coupon: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")] | None = None


class TrustFile(PolicyFile):
    clean_months: Annotated[int, Field(ge=1, le=6)]
    repaid_after_days: Annotated[int, Field(ge=1)]
    very_late_days: Annotated[int, Field(ge=1)]
    levels: Annotated[tuple[LevelSection, ...], Field(min_length=5, max_length=5)]


def trust_policy(file: TrustFile) -> TrustPolicy:
    """As :func:`lending.trust.trusted` takes it. Raises :class:`PolicyError` where a higher level is worse."""
    try:
        return TrustPolicy(
            clean_months=file.clean_months,
            repaid_after_days=file.repaid_after_days,
            very_late_days=file.very_late_days,
            levels=tuple(Benefits(one.offer_days, one.review_within, one.coupon) for one in file.levels),
        )
    except ValueError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError("trust.yaml", key, problem) from error
