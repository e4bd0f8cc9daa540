"""Why an answer is what it is: outcomes, the codes of the rules, and a reason with its figures."""

from dataclasses import dataclass
from enum import StrEnum

# More than four reasons help nobody (Reg B comment 9(b)(2)-1; our own rule in every jurisdiction).
REASONS_AT_MOST = 4


class Outcome(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    DECLINE = "decline"


class ReasonCode(StrEnum):
    """Reasons of rules. Reasons of the score have codes of their own and pass through."""

    DISHONEST_LIST = "dishonest_list"  # 失信被执行人
    CURRENT_OVERDUE = "current_overdue"
    TOO_LITTLE_HISTORY = "too_little_history"
    NO_REVENUE = "no_revenue"
    MANY_OVERDUES = "many_overdues"  # 连三累六
    MANY_ENQUIRIES = "many_enquiries"
    SALES_CANNOT_CARRY = "sales_cannot_carry"
    OTHER_DEBTS_TAKE_TOO_MUCH = "other_debts_take_too_much"
    ABOVE_AUTOMATIC_LIMIT = "above_automatic_limit"
    GRADE_NEEDS_A_PERSON = "grade_needs_a_person"
    LITTLE_IS_KNOWN = "little_is_known"
    SHOWN_BY_ANOTHER = "shown_by_another"  # the same document or invoice came from another firm
    FLOWS_TO_EXPLAIN = "flows_to_explain"
    INVOICES_TO_EXPLAIN = "invoices_to_explain"
    BILL_TO_CHECK = "bill_to_check"
    DETAILS_SHARED = "details_shared"
    PAPERS_TO_LOOK_AT = "papers_to_look_at"  # brought for the checklist, and no person has looked
    BILLS_DIFFER = "bills_differ"  # a bill's own totals are not the sum of its lines
    ENFORCED_DEBTOR = "enforced_debtor"  # 被执行人
    REGISTER_REVOKED = "register_revoked"  # 吊销
    REGISTER_CANCELLED = "register_cancelled"  # 注销
    REGISTER_ABNORMAL = "register_abnormal"  # 经营异常名录
    NOT_IN_THE_REGISTER = "not_in_the_register"
    COMPANY_OVERDUE = "company_overdue"
    OVERDUES_IN_A_ROW = "overdues_in_a_row"  # 连三
    GUARANTEES_TOO_LARGE = "guarantees_too_large"
    LAWSUITS_TOO_LARGE = "lawsuits_too_large"
    OUTSIDE_SERVICE_AREA = "outside_service_area"
    TOO_SHORT_IN_TRADE = "too_short_in_trade"
    KIND_NOT_SERVED = "kind_not_served"
    TRADE_NOT_SERVED = "trade_not_served"
    FORBIDDEN_PURPOSE = "forbidden_purpose"
    PURPOSE_IN_DOUBT = "purpose_in_doubt"  # the bills show money going where this loan may not go
    GROUP_LIMIT = "group_limit"  # owner, guarantor, supplier and their firms together
    TRADE_CONCENTRATION = "trade_concentration"
    BUYER_CONCENTRATION = "buyer_concentration"
    BAD_MONTHS_CANNOT_CARRY = "bad_months_cannot_carry"
    BUREAU_SILENT = "bureau_silent"
    COURTS_SILENT = "courts_silent"
    REGISTER_SILENT = "register_silent"
    COMPANY_REPORT_SILENT = "company_report_silent"
    REGISTERS_NOT_ALLOWED = "registers_not_allowed"  # the consent is older than the question
    FLOWS_NOT_SPLIT = "flows_not_split"  # too much of the money is neither business nor private by any word
    REVENUE_BY_CORRECTION = "revenue_by_correction"  # the owner's own word makes much of the revenue
    GUARANTEE_ASKED = "guarantee_asked"  # a yes that takes a guarantor: a condition, and no figure of the firm
    NO_PLAN_FITS = "no_plan_fits"  # even the longest horizon and the largest share do not repay it


# Where the machine has nothing to go by: a person starts from the papers, not from a recommendation.
MANUAL_REASONS = (
    ReasonCode.LITTLE_IS_KNOWN,
    ReasonCode.BILLS_DIFFER,
    ReasonCode.BUREAU_SILENT,
    ReasonCode.COMPANY_REPORT_SILENT,
    ReasonCode.COURTS_SILENT,
    ReasonCode.REGISTER_SILENT,
    ReasonCode.REGISTERS_NOT_ALLOWED,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with what fills its text; a code of :class:`ReasonCode` or of the score."""

    code: str
    params: tuple[tuple[str, str], ...] = ()
