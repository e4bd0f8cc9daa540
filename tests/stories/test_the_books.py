"""The books of a lender that lends: after days of sales they balance, tie, agree with the bank and are untouched."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.demo.town import Town
from ops.stack.testing import RunningStack

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def command(stack: RunningStack) -> Command:
    """``huoshui … --json`` beside the running system: its exit code and what it said."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
    env["HUOSHUI_ENV_FILE"] = str(stack.plan.environment_file())

    def run(*words: str) -> tuple[int, Any]:
        argv = [sys.executable, "-m", "ops.cli", *words, "--json"]
        done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


@pytest.mark.long
async def test_days_of_a_loan_leave_books_that_tie_and_show_every_touch(
    stack: RunningStack, town: Town, command: Command
) -> None:
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=71_077))
    await owner.borrows(10_000, months=3)
    lent_on = await town.today()
    await town.until(lent_on + timedelta(days=9))
    ((loan_id,),) = stack.sql(f"select loan_id from application where id = '{owner.application_id}'")

    code, proof = command("audit", "verify")
    assert (code, proof["faults"]) == (0, [])
    assert proof["journal"]["rows"] > 8

    code, again = command("rebuild")
    assert (code, again["differences"]) == (0, [])
    assert again["loans"] >= 1

    for by in ("value_date", "posting_date"):
        code, balances = command("ledger", "trial", "--by", by)
        assert code == 0
        for balance in balances:
            assert balance["difference_minor"] == 0
            sections = balance["sections"]
            owned = sections["asset"] + sections["cost"]
            assert owned == sections["liability"] + sections.get("equity", 0) + sections["income"]

    closed = date.fromisoformat(str(stack.sql(f"select as_of from loan_balance where loan_id = '{loan_id}'")[0][0]))
    _, told = command("ledger", "loan", str(loan_id), "--on", closed.isoformat())
    ((principal, interest_paid),) = stack.sql(
        f"select principal_minor, interest_paid_minor from loan_balance where loan_id = '{loan_id}'"
    )
    came_since = stack.sql(
        "select coalesce(sum(p.amount_minor) filter (where p.credit = 'loans.principal'), 0)::bigint,"
        " coalesce(sum(p.amount_minor) filter (where p.credit = 'interest.receivable'), 0)::bigint"
        f" from entry e join posting p on p.entry_id = e.id where e.loan_id = '{loan_id}'"
        f" and e.effective_on > '{closed.isoformat()}'"
    )[0]
    assert told["position"]["principal_minor"] == principal + came_since[0]
    assert told["position"]["interest_paid_minor"] == interest_paid - came_since[1]
    assert {line["kind"] for line in told["lines"]} >= {"payout_sent", "disbursed", "repayment"}
    _, before = command("ledger", "loan", str(loan_id), "--on", (lent_on - timedelta(days=1)).isoformat())
    assert before["lines"] == []

    for days in (0, 3, 4):  # the day of the payout, and days of debits
        on = lent_on + timedelta(days=days)
        code, (statement,) = command("ledger", "reconcile", "--on", on.isoformat())
        mine = [one for one in statement["breaks"] if one["reason"] != "not_ours"]
        assert (code, mine) == (0, []), statement
        assert statement["matched"] >= 1

    # --- somebody with every right in the database -------------------------------------------------------------------
    stack.sql(f"update loan_balance set principal_minor = principal_minor - 1 where loan_id = '{loan_id}'")
    code, again = command("rebuild")
    assert code == 1
    assert [(one["loan_id"], one["column"]) for one in again["differences"]] == [(str(loan_id), "principal_minor")]
    code, proof = command("audit", "verify")
    assert [(fault["row"], fault["kind"]) for fault in proof["faults"]] == [(str(loan_id), "untied")]
    assert command("rebuild", "--write")[0] == 0
    assert command("rebuild")[0] == 0

    ((entry_id,),) = stack.sql(f"select id from entry where loan_id = '{loan_id}' and kind = 'disbursed'")
    stack.sql("alter table entry disable trigger all; alter table posting disable trigger all")
    stack.sql(f"update posting set amount_minor = amount_minor - 1 where entry_id = '{entry_id}'")
    code, proof = command("audit", "verify")
    assert code == 1
    assert ("entry", str(entry_id), "changed") in {(f["table"], f["row"], f["kind"]) for f in proof["faults"]}
    stack.sql(f"update posting set amount_minor = amount_minor + 1 where entry_id = '{entry_id}'")
    assert command("audit", "verify")[0] == 0
    stack.sql("alter table entry enable trigger all; alter table posting enable trigger all")
