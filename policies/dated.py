"""Products with dates, calendars of business and of trade, and reference rates, built from their files."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from lending.calendars import BusinessCalendar
from lending.festivals import Festival
from lending.instalment_products import FeeBasis, FeeTerm, InstalmentProduct, Lateness, Payout, Price
from lending.money import Money
from lending.products import AmountRange, MonthsRange, ProductError
from policies.files import PolicyError
from policies.shapes import CalendarFile, FeeSection, IndexFile, InstalmentProductFile, TradeCalendarFile


def instalment_product(name: str, file: InstalmentProductFile) -> InstalmentProduct:
    """The product of one file; :class:`PolicyError` where it contradicts itself."""
    minor = {key: Money.parse(getattr(file.amounts, key)).minor for key in ("lowest", "highest", "step")}
    try:
        return InstalmentProduct(
            id=file.product,
            version=file.version,
            scenario=file.scenario,
            shapes=file.shapes,
            amounts=AmountRange(minor["lowest"], minor["highest"], minor["step"], file.amounts.currency),
            months=MonthsRange(file.months.shortest, file.months.longest),
            price=Price(**file.price.model_dump()),
            lateness=Lateness(**file.lateness.model_dump()),
            payout=Payout(Money.parse(file.payout.entrusted_above).minor, file.payout.advance_rate),
            fees=tuple(_fee(fee) for fee in file.fees),
            day_rule=file.day_rule,
            offer_valid_days=file.offer_valid_days,
            revolving=file.revolving,
            prepayment_fee_rate=file.prepayment_fee_rate,
            withdrawal_days=file.withdrawal_days,
            small_month_at_least=file.small_month_at_least,
            purposes=file.purposes,
        )
    except ProductError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError(f"{name}.yaml", key, problem) from error


def _fee(section: FeeSection) -> FeeTerm:
    value = section.value
    if section.basis is FeeBasis.FLAT:
        value = Decimal(Money.parse(str(value)).minor)
    return FeeTerm(section.code, section.basis, value, section.time, section.payee, section.borne_by)


def business_calendar(file: CalendarFile) -> BusinessCalendar:
    """The calendar of one file; :class:`PolicyError` for a day that does not exist or an unpublished year."""
    return BusinessCalendar(
        frozenset(_days(file, "holidays", file.holidays)) | frozenset(_days(file, "statutory", file.statutory)),
        frozenset(_days(file, "workdays", file.workdays)),
        file.published_until,
    )


def trade_calendar(file: TradeCalendarFile) -> tuple[Festival, ...]:
    """Each year's festivals, in order; :class:`PolicyError` for one that ends before it begins or overlaps another."""
    years = range(min(file.spring_festival).year, max(file.spring_festival).year + 1)
    found: list[Festival] = []
    for name, (begins, ends) in file.around_spring_festival.items():
        found += [
            _festival(file, f"around_spring_festival.{name}", name, first, begins, ends)
            for first in file.spring_festival
        ]
    for name, (begins, ends) in file.fixed.items():
        for year in years:
            try:
                found.append(
                    Festival(name, date.fromisoformat(f"{year}-{begins}"), date.fromisoformat(f"{year}-{ends}"))
                )
            except ValueError as error:
                raise PolicyError(f"{file.jurisdiction}.yaml", f"fixed.{name}", str(error)) from error
    found.sort(key=lambda one: one.first)
    for earlier, later in pairwise(found):
        if later.first <= earlier.last:
            raise PolicyError(f"{file.jurisdiction}.yaml", later.name, f"overlaps {earlier.name} in {later.first.year}")
    return tuple(found)


def _festival(file: TradeCalendarFile, key: str, name: str, first: date, begins: int, ends: int) -> Festival:
    try:
        return Festival(name, first + timedelta(days=begins), first + timedelta(days=ends))
    except ValueError as error:
        raise PolicyError(f"{file.jurisdiction}.yaml", key, str(error)) from error


def _days(file: CalendarFile, key: str, years: dict[int, tuple[str, ...]]) -> list[date]:
    found: list[date] = []
    for year, days in years.items():
        if (year > file.published_until) is not (key == "statutory"):
            side = "published: it belongs under holidays" if key == "statutory" else "later than published_until"
            raise PolicyError(f"{file.jurisdiction}.yaml", f"{key}.{year}", side)
        for day in days:
            try:
                found.append(date.fromisoformat(f"{year}-{day}"))
            except ValueError as error:
                raise PolicyError(f"{file.jurisdiction}.yaml", f"{key}.{year}", f"{day} is no day") from error
    return found


def index_on(file: IndexFile, on: date | None) -> Decimal:
    """The value in force on a day (the last one if None)."""
    known = [day for day in sorted(file.values) if on is None or day <= on]
    if not known:
        raise PolicyError(f"{file.index}.yaml", "values", "nothing was published by then")
    return file.values[known[-1]]
