"""The firms that a visitor finds on his first day, each there to show one thing."""

from collections.abc import Iterator
from datetime import date, timedelta

from simulators.firms import names
from simulators.firms.life import Event, Plan
from simulators.firms.register import Firm, Kind


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before the month of ``day``."""
    n = day.year * 12 + day.month - 1 - months
    return date(n // 12, n % 12 + 1, 1)


def end_of_month(first: date) -> date:
    return months_before(first, -1) - timedelta(days=1)


def demo_firms(today: date) -> Iterator[Firm]:
    """The firms as they stand on the morning of ``today``; their bills end the day before."""
    yesterday = today - timedelta(days=1)
    wave = months_before(today, 5)

    def firm(
        firm_id: str,
        shop: str,
        owner: str,
        seed: int,
        plan: Plan,
        sequence: str | None = None,
        kind: Kind = "sole_trader",
    ) -> Firm:
        account = names.firms_account if kind == "company" else names.account
        return Firm(
            firm_id=firm_id,
            shop=shop,
            owner=owner,
            phone=names.phone(13_000_000 + seed),
            id_number=names.id_number(seed * 7919, sequence),
            account=account(seed * 10_007 + 123_456),
            licence=names.licence(seed * 104_729 + 86_028_121, kind),
            kind=kind,
            plan=plan,
            bills_until=yesterday,
            shows=f"simulators.demo.{firm_id.replace('-', '_')}",
        )

    def plan(seed: int, trade: str, sales: float, health: float, months: int, **more: object) -> Plan:
        opened = months_before(today, months)
        return Plan(seed=seed, trade=trade, monthly_sales=sales, health=health, opened_on=opened, **more)  # pyright: ignore[reportArgumentType]

    yield firm("noodle-shop", "李记面馆", "李秀英", 11, plan(11, "noodle_shop", 86_000, 0.82, 14))
    yield firm(
        "florist",
        "花间小筑",
        "陈晓燕",
        23,
        plan(23, "florist", 52_000, 0.60, 16, events=(Event("refund_wave", wave, end_of_month(wave), 1.2),)),
    )
    yield firm("hardware-store", "老周五金", "周建国", 31, plan(31, "hardware_store", 260_000, 0.85, 20))
    few = today - timedelta(days=12)
    newcomer = Plan(seed=47, trade="grocery", monthly_sales=48_000, health=0.6, opened_on=few)
    yield firm("corner-shop", "小满便利店", "林小红", 47, newcomer)
    yield firm("ice-cream", "北极冷饮批发", "赵海涛", 53, plan(53, "ice_cream_wholesale", 190_000, 0.75, 26))
    struggling = plan(61, "clothing", 60_000, 0.03, 15, fails_on=months_before(today, 2))
    yield firm("clothing", "云裳服饰", "吴丽华", 61, struggling)
    yield firm("garage", "诚信汽修", "孙志强", 71, plan(71, "garage", 90_000, 0.7, 14), "901")
    yield firm("hair-salon", "一剪美发", "高洋", 83, plan(83, "hair_salon", 55_000, 0.7, 14), "915")
    yield firm("online-shop", "山货铺子", "何静", 97, plan(97, "online_shop", 120_000, 0.65, 14), "906")
    works = plan(101, "parts_maker", 260_000, 0.9, 24)
    yield firm("parts-works", "临沂恒泰精密配件有限公司", "宋建华", 101, works, kind="company")
