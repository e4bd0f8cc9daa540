"""Which tables outlive the erasure of their person, and how: kept as they are, or ended with the person's own key."""

KEPT_AS_IT_IS = frozenset(
    {
        # ledger and contract: amounts, days and hashes, no name
        *("contract", "loan", "credit_line", "line_change", "line_proposal", "payout", "collection", "revenue_day"),
        # proof of what was allowed, read, told and done
        *(
            "consent",
            "access_record",
            "timeline_event",
            "notice",
            "contact",
            "identity_check",
            "data_request",
            "document",
        ),
        # an order for a paper, and words about money that name lines by their hashes
        *("paper_order", "paper_check", "flow_correction"),
        # who answered for whose loan, by role and hash; which scheme its interest stands under
        *("loan_party", "loan_subsidy"),
        # what was agreed of a loan's plan, and what was told of its progress: days, shares, amounts
        *("plan_change", "path_notice", "loan_end"),
        # what secured a line or a loan: amounts, days and hashes; names and numbers end with the key
        *("receivable", "collateral", "appraisal"),
        # money that came and went: amounts, days and hashes; who sent it is kept under the installation's own key
        *("incoming", "outgoing", "diversion", "collection_account"),
        # how money was let go: codes, hashes and days
        *("money_hold", "step_up", "factor_change"),
        # whose customer somebody was, and who looked into a firm: ids, days and hashes
        *("customer_manager", "investigation", "report_signature"),
        # how loans were repaid, and what trust came of it
        *("late_stretch", "trust_standing", "trust_change", "coupon", "nudge"),
        # what was done while a loan was late: segments, days, sums and whose hand; words are sealed
        *("collection_case", "case_segment", "collection_step", "payment_promise", "item_dispute"),
        "relief",
    }
)
# Facts that are only ever added, sealed with the person's own key: they end with it.
SHREDDED = frozenset(
    {
        *("person_key", "register_answer", "thread_message", "held_words", "complaint", "loan_check", "case_report"),
        "invoice_comparison",
    }
)
