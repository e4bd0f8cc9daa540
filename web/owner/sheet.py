"""The stored key-facts sheet as the page shows it: the same figures and the same sentences as on the paper."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lending.products import RepaymentKind
from web.views.owner import CostLine, Estimate, LateExample, LeastPoint, Sheet
from web.wording import Say

Stored = Mapping[str, Any]


def sheet_of(stored: Stored, locale: str) -> Sheet:
    """From the JSON of ``key_facts.sheet`` (activities.papers.sheet.KeyFactsSheet); ``KeyError`` for anything else."""
    lender, borrower = stored["lender"], stored["borrower"]
    currency = str(stored["currency"])
    return Sheet(
        number=stored["number"],
        on=date.fromisoformat(stored["on"]),
        lender=lender["name"] if locale == "zh_CN" else lender["name_en"],
        borrower=borrower["name"],
        id_masked=borrower["id_masked"],
        firm=borrower["firm_name"] or "",
        speaker=borrower.get("speaker") or "",
        capacity=borrower.get("capacity") or "",
        account_masked=borrower["account_masked"],
        product=Say(stored["product"]),
        purpose=Say(stored["purpose"]),
        amount_minor=int(stored["amount_minor"]),
        months=int(stored["months"]),
        share=Decimal(stored["share"]),
        annual_rate=Decimal(stored["annual_rate"]),
        annual_total_rate=Decimal(stored["annual_total_rate"]),
        late_factor=Decimal(stored["late_factor"]),
        costs=tuple(_cost(line, currency) for line in stored["costs"]),
        third_party=tuple(
            CostLine(Say(line["name"]), _words(line["bearer"], currency), None, None, int(line["amount_minor"]))
            for line in stored["third_party"]
        ),
        estimates=tuple(_estimate(one) for one in stored["estimates"]),
        path=tuple(_point(one) for one in stored["path"]),
        late_on_minor=int(stored["late_examples"][0]["overdue_minor"]) if stored["late_examples"] else 0,
        late_examples=tuple(
            LateExample(int(one["days"]), int(one["ordinary_minor"]), int(one["late_minor"]))
            for one in stored["late_examples"]
        ),
        repayment=_all(stored["repayment_words"], currency),
        late=_all(stored["late_words"], currency),
        freedom=_all(stored["freedom_words"], currency),
        payment=_all(stored["payment_words"], currency),
        complaint=_all(stored["complaint_words"], currency),
        nothing_else=_words(stored["nothing_else"], currency),
        terms_hash=stored["terms_hash"],
        timeline=_all(stored.get("timeline_words", ()), currency),
        line=_all(stored.get("line_words", ()), currency),
        by_dates=stored.get("repayment", RepaymentKind.REVENUE_SHARE) != RepaymentKind.REVENUE_SHARE,
    )


def _point(one: Stored) -> LeastPoint:
    amount, interest = int(one.get("amount_minor", 0)), int(one.get("interest_minor", 0))
    return LeastPoint(date.fromisoformat(one["on"]), int(one["repaid_minor"]), amount, interest)


def _words(stored: Stored, currency: str) -> Say:
    return Say(stored["key"], {"currency": currency, **stored.get("params", {})} if stored.get("params") else {})


def _all(stored: Sequence[Stored], currency: str) -> tuple[Say, ...]:
    return tuple(_words(one, currency) for one in stored)


def _cost(line: Stored, currency: str) -> CostLine:
    rate, amount = line["annual_rate"], line["amount_minor"]
    return CostLine(
        name=Say(line["name"]),
        method=_words(line["method"], currency),
        payee=_words(line["payee"], currency),
        annual_rate=Decimal(rate) if rate is not None and amount is None else None,
        amount_minor=int(amount) if amount is not None else None,
    )


def _estimate(one: Stored) -> Estimate:
    return Estimate(
        weather=Say(f"papers.weather.{one['weather']}", {"share": one["factor"]}),
        finish_on=date.fromisoformat(one["finish_on"]) if one["finish_on"] else None,
        interest_minor=int(one["total_interest_minor"]),
        total_minor=int(one["total_minor"]),
    )
