"""A lender's live loans by the million, each with a day's revenue: from a seed, by the server itself."""

from datetime import date

from ops.stack import testing

CLOSED_ON = date(2026, 11, 20)
SHARD = 2_000
PRODUCT = "revenue_linked"

# Loans of ten thousand to three hundred thousand yuan at eight to eighteen percent, some months old, partly repaid.
# Applications, people and accounts are not read by a close and not made: foreign keys are off while the rows go in.
LOANS = """
insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, currency,
                  principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units,
                  units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index,
                  state, created_at, live_on, matures_on)
select encode(substr(sha256(convert_to('loan' || n, 'UTF8')), 1, 16), 'hex')::uuid,
       encode(substr(sha256(convert_to('application' || n, 'UTF8')), 1, 16), 'hex')::uuid,
       encode(substr(sha256(convert_to('person' || n, 'UTF8')), 1, 16), 'hex')::uuid,
       gen_random_uuid(), '{product}', 'bench', 'CN', 'CNY',
       1000000 + (random() * 290)::bigint * 100000, 0.0800 + (n % 1000) / 10000.0, 'act_365f', 0.1200, 12, '{{}}',
       repeat('0', 64), 8000000 + (n % 1000) * 10000, 36500000000, 120000, 3, 4, 3, n / {shard},
       gen_random_uuid(), substr(sha256(convert_to('account' || n, 'UTF8')), 1, 16), 'live',
       timestamptz '{day}' - interval '60 days', date '{day}' - 20 - n % 70, date '{day}' + 300
from generate_series(0, {count} - 1) n
"""
BALANCES = """
insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor, carry_minor,
                          uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status)
select id, date '{day}' - 1, principal_minor - principal_minor / 5, principal_minor::numeric * rate_units * 20,
       0, principal_minor / 5, 0, 0, 0, 0, 0, 0, 'as_agreed'
from loan
"""
REVENUE = """
insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor, chargebacks_minor, batch, source,
                         received_at)
select gen_random_uuid(), id, person_id, '{day}', (random() * 500000)::bigint, (random() * 10000)::bigint, 0, 'bench',
       'wallet', timestamptz '{day}' + interval '22 hours'
from loan
"""


def make(database: testing.Database, count: int, seed: int, *, revenue: bool = True) -> None:
    """So many live loans, closed up to the day before ``CLOSED_ON``, in shards of two thousand."""
    values = {"count": count, "day": CLOSED_ON.isoformat(), "shard": SHARD, "product": PRODUCT}
    database.execute(
        "set session_replication_role = replica",
        f"select setseed({(seed % 2_000_000) / 1_000_000 - 1})",
        LOANS.format(**values),
        BALANCES.format(**values),
        *([REVENUE.format(**values)] if revenue else []),
        "set session_replication_role = origin",
        "analyze loan, loan_balance, revenue_day",
    )
