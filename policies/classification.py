"""The file of the five classes, of what is set aside for each, and of when interest stops being income."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lending.classification import ORDER, ClassRules
from lending.maturity import Class
from policies.files import PolicyError, PolicyFile
from policies.shapes import Fraction

FILE = "classification.yaml"
Days = Annotated[int, Field(ge=1, le=720)]
# The law's own days: a lender may be stricter, never more lenient (2023 令 1 号, 第十一至十三条).
LATEST = {Class.SPECIAL_MENTION: 8, Class.SUBSTANDARD: 91, Class.DOUBTFUL: 271, Class.LOSS: 361}
LEAST_OBSERVED, MOST_TECHNICAL, MOST_OF_A_DEBTOR, LATEST_INCOME = 6, 7, Decimal("0.10"), 91


class ClassificationFile(PolicyFile):
    from_days: dict[Class, Days]
    debtor_share: Fraction
    observed_months: Annotated[int, Field(ge=1, le=60)]
    technical_days: Annotated[int, Field(ge=0, le=60)]
    non_accrual_days: Days
    stages: dict[Class, Annotated[int, Field(ge=1, le=3)]]
    rates: dict[Class, Fraction]
    written_off_from: Class


def class_rules(file: ClassificationFile) -> ClassRules:
    """Raises :class:`PolicyError` for a class without its day, stage or rate, for days, stages or rates that do not
    grow with the class, and for what is more lenient than the law."""
    for key, told in (("stages", file.stages), ("rates", file.rates)):
        if missing := [one for one in ORDER if one not in told]:
            raise PolicyError(FILE, key, f"nothing of {', '.join(missing)}")
        in_order = [told[one] for one in ORDER]
        if in_order != sorted(in_order):
            raise PolicyError(FILE, key, "a worse class has no less than a better one")
    if set(file.from_days) != set(LATEST):
        raise PolicyError(FILE, "from_days", f"one day for each of {', '.join(LATEST)}")
    days = [file.from_days[one] for one in LATEST]
    if days != sorted(set(days)):
        raise PolicyError(FILE, "from_days", "each class begins later than the better one")
    if late := [one for one, day in LATEST.items() if file.from_days[one] > day]:
        raise PolicyError(FILE, "from_days", f"later than the law's for {', '.join(late)}")
    if file.debtor_share > MOST_OF_A_DEBTOR:
        raise PolicyError(FILE, "debtor_share", f"at most {MOST_OF_A_DEBTOR}")
    if file.observed_months < LEAST_OBSERVED:
        raise PolicyError(FILE, "observed_months", f"at least {LEAST_OBSERVED}")
    if file.technical_days > MOST_TECHNICAL:
        raise PolicyError(FILE, "technical_days", f"at most {MOST_TECHNICAL}")
    if file.non_accrual_days > LATEST_INCOME:
        raise PolicyError(FILE, "non_accrual_days", f"at most {LATEST_INCOME}")
    return ClassRules(
        version=file.version,
        from_days={one: file.from_days[one] for one in LATEST},
        debtor_share=file.debtor_share,
        observed_months=file.observed_months,
        technical_days=file.technical_days,
        non_accrual_days=file.non_accrual_days,
        stages=file.stages,
        rates=file.rates,
        written_off_from=file.written_off_from,
    )
