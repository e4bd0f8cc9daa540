"""The chart of accounts of a lender, and on which side of the books each account stands."""

from enum import StrEnum


class Section(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    COST = "cost"


class Account(StrEnum):
    """A debit grows assets and costs, a credit grows liabilities, equity and income."""

    LOANS_PRINCIPAL = "loans.principal"
    INTEREST_RECEIVABLE = "interest.receivable"
    # What stands against the two above in the balance, while the claim itself lives on in them.
    INTEREST_SUSPENDED = "interest.suspended"  # 非应计: earned by the contract, not income before it is paid
    LOANS_ALLOWANCE = "loans.allowance"  # 贷款损失准备
    LOANS_WRITTEN_OFF = "loans.written_off"  # 核销 (账销案存)
    FEES_RECEIVABLE = "fees.receivable"
    PENALTIES_RECEIVABLE = "penalties.receivable"
    CASH_BANK = "cash.bank"
    CASH_WALLET = "cash.wallet"
    PAYOUTS_IN_FLIGHT = "payouts_in_flight"
    REFUNDS_CLEARING = "refunds.clearing"  # merchants' refunds on their way through the partner
    SUBSIDY_RECEIVABLE = "subsidy.receivable"  # 贴息: claimed of the bodies that pay part of the interest
    SUSPENSE = "suspense"  # money received that nobody has explained yet
    HELD_FOR_BORROWER = "held.for_borrower"
    REFINANCING = "refinancing"  # 借新还旧: from the new loan to the old one, empty after each renewal
    PARTNER_SETTLEMENT = "partner.settlement"
    FEES_PASSED_ON = "fees.passed_on"  # collected for a third party: registry, guarantor
    CAPITAL = "equity.capital"  # 实收资本: what the lender's owners put in to lend
    INCOME_INTEREST = "income.interest"
    INCOME_FEES = "income.fees"
    INCOME_PENALTIES = "income.penalties"
    INCOME_RECOVERIES = "income.recoveries"
    COST_GOODWILL = "cost.goodwill"
    COST_COUPONS = "cost.coupons"  # interest coupons, funded by marketing
    COST_WAIVERS = "cost.waivers"
    COST_WRITE_OFFS = "cost.write_offs"
    COST_PROVISIONS = "cost.provisions"


SECTIONS: dict[Account, Section] = {
    **dict.fromkeys(
        (
            Account.LOANS_PRINCIPAL,
            Account.INTEREST_RECEIVABLE,
            Account.INTEREST_SUSPENDED,
            Account.LOANS_ALLOWANCE,
            Account.LOANS_WRITTEN_OFF,
            Account.FEES_RECEIVABLE,
            Account.PENALTIES_RECEIVABLE,
            Account.CASH_BANK,
            Account.CASH_WALLET,
            Account.PAYOUTS_IN_FLIGHT,
            Account.REFUNDS_CLEARING,
            Account.SUBSIDY_RECEIVABLE,
        ),
        Section.ASSET,
    ),
    **dict.fromkeys(
        (
            Account.SUSPENSE,
            Account.HELD_FOR_BORROWER,
            Account.REFINANCING,
            Account.PARTNER_SETTLEMENT,
            Account.FEES_PASSED_ON,
        ),
        Section.LIABILITY,
    ),
    Account.CAPITAL: Section.EQUITY,
    **dict.fromkeys(
        (Account.INCOME_INTEREST, Account.INCOME_FEES, Account.INCOME_PENALTIES, Account.INCOME_RECOVERIES),
        Section.INCOME,
    ),
    **dict.fromkeys(
        (
            Account.COST_GOODWILL,
            Account.COST_COUPONS,
            Account.COST_WAIVERS,
            Account.COST_WRITE_OFFS,
            Account.COST_PROVISIONS,
        ),
        Section.COST,
    ),
}
