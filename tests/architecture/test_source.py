"""What the house is built on, held by reading the source. Each failure says how to cure it."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from db.tables import Table

# A fixture of this folder: modules by room, each with path, text and tree.
Sources = Any

MONEY_ROOMS = ("lending", "db", "activities", "workflows", "policies")
MONEY_NAME = re.compile(r"(^|_)(minor|amount|rate|share|price|principal|interest|fee|balance|payment)(_|$)")
MONEY_IN_SQL = re.compile(r"minor|amount|rate|share|interest|principal", re.IGNORECASE)
NO_NAMES = {"service", "repository", "utils", "util", "helpers", "helper", "common", "base", "models", "misc"}


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def imported(tree: ast.Module) -> list[tuple[ast.AST, str]]:
    """Every module that a module imports, wherever it stands."""
    found: list[tuple[ast.AST, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node, node.module))
    return found


# --- rules ------------------------------------------------------------------------------------------------------------


def test_the_rules_need_nothing_but_the_standard_library(sources: Sources) -> None:
    allowed = sys.stdlib_module_names | {"lending"}
    wrong = [
        source.at(node, f"imports {name}; rules are pure: hand it in as a value")
        for source in sources.of("lending")
        for node, name in imported(source.tree)
        if name.partition(".")[0] not in allowed
        and not (source.path == "lending/bulk.py" and name.partition(".")[0] == "numpy")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ["lending", "workflows", "activities/ports"])
def test_rules_stories_and_ports_ask_no_clock_and_no_chance(sources: Sources, room: str) -> None:
    banned = re.compile(
        r"^(datetime\.(datetime\.)?(now|utcnow|today)|(datetime\.)?date\.today|time\.(time|time_ns|monotonic|sleep)"
        r"|uuid\.uuid[14]|uuid[14]|random(\.\w+)*|secrets(\.\w+)*|os\.environ(\.\w+)*|os\.(getenv|urandom))$"
    )
    wrong = [
        source.at(node, f"{dotted(node)}: hand the value in, or ask workflow.now() and the business clock")
        for source in sources.of(room)
        for node in source.nodes()
        if isinstance(node, ast.Attribute | ast.Name) and banned.match(dotted(node))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_rule_is_written_in_sql(sources: Sources) -> None:
    """PostgreSQL rounds half away from zero and the house half to even: SQL stores, finds and sums, nothing else."""
    in_sql = re.compile(r"\b(round|trunc|ceil|ceiling|floor|power|exp|ln)\s*\(", re.IGNORECASE)
    statement = re.compile(r"\b(select|insert|update|delete|with|create function)\b", re.IGNORECASE)
    wrong: list[str] = []
    for source in sources.of("db", "activities", "api", "worker"):
        for node in source.nodes():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.search(node.value):
                money = [line for line in node.value.splitlines() if in_sql.search(line) and MONEY_IN_SQL.search(line)]
                wrong += [source.at(node, f"{line.strip()}: compute it in lending/") for line in money]
            if isinstance(node, ast.Attribute) and re.match(
                r"(sa\.|sqlalchemy\.)?func\.(round|trunc|ceil|floor|power)$", dotted(node)
            ):
                wrong.append(source.at(node, f"{dotted(node)}: compute it in lending/"))
    assert not wrong, "\n".join(wrong)


# --- money ------------------------------------------------------------------------------------------------------------


def test_money_and_rates_are_never_floats(sources: Sources) -> None:
    wrong: list[str] = []
    for source in sources.of(*MONEY_ROOMS):
        for node in source.nodes():
            match node:
                case ast.AnnAssign(target=target, annotation=annotation):
                    name, kind = dotted(target).rpartition(".")[2], ast.unparse(annotation)
                case ast.arg(arg=name, annotation=ast.expr() as annotation):
                    kind = ast.unparse(annotation)
                case ast.Call(func=ast.Name(id="float"), args=[given, *_]):
                    name, kind = ast.unparse(given), "float"
                case _:
                    continue
            if "float" in kind and MONEY_NAME.search(name):
                wrong.append(source.at(node, f"{name} as a float: amounts are int *_minor, rates are Decimal"))
    assert not wrong, "\n".join(wrong)


def test_the_rules_hold_no_float_at_all(sources: Sources) -> None:
    """But `bulk`, which guesses quotients for many loans at once and proves each guess in whole numbers."""
    wrong = [
        source.at(node, f'{node.value!r} is a float; write Decimal("…")')
        for source in sources.of("lending")
        if source.path != "lending/bulk.py"
        for node in source.nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert not wrong, "\n".join(wrong)


def test_amounts_are_whole_numbers_in_every_table() -> None:
    wrong = [
        f"{table.name}.{column.name}: {column.type}; amounts are BigInteger"
        for table in Table.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_minor") and "BIGINT" not in str(column.type).upper()
    ]
    assert not wrong, "\n".join(wrong)


def test_a_posting_is_a_move_between_two_accounts_of_an_amount_above_zero() -> None:
    posting = Table.metadata.tables["posting"]
    assert {"debit", "credit", "amount_minor"} <= set(posting.columns.keys())
    checks = {str(getattr(check, "sqltext", "")) for check in posting.constraints}
    assert {"amount_minor > 0", "debit <> credit"} <= checks


def test_the_journal_carries_no_foreign_keys() -> None:
    """They cost more than all else in the daily close; whoever posts proves the references in the same transaction."""
    for name in ("entry", "posting"):
        assert not Table.metadata.tables[name].foreign_keys, f"{name} has a foreign key"


# --- transactions -----------------------------------------------------------------------------------------------------


def test_nothing_commits_outside_its_session_block(sources: Sources) -> None:
    wrong = [
        source.at(node, f"{dotted(node.func)}(): leave the `async with sessions.begin()` block instead")
        for source in sources.of("db", "activities", "api", "worker")
        if source.path != "db/sessions.py"  # the block itself
        for node in source.nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]
    assert not wrong, "\n".join(wrong)


def test_a_table_has_no_methods(sources: Sources) -> None:
    wrong = [
        tables.at(inner, f"{node.name}.{inner.name}: a query is a function, a rule is in lending/")
        for tables in sources.of("db")
        if tables.path.startswith("db/tables")
        for node in tables.nodes()
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not wrong, "\n".join(wrong)


# --- workflows --------------------------------------------------------------------------------------------------------


def test_nothing_is_a_child_of_a_workflow_that_continues_as_new(sources: Sources) -> None:
    """Measured: the child is terminated when its parent parks. An activity starts it instead, and it reports back."""
    wrong: list[str] = []
    for source in sources.of("workflows"):
        if "continue_as_new(" not in source.text:
            continue
        wrong += [
            source.at(node, f"{dotted(node.func)}: start it from an activity, with id reuse rejected")
            for node in source.nodes()
            if isinstance(node, ast.Call) and dotted(node.func).endswith("child_workflow")
        ]
    assert not wrong, "\n".join(wrong)


def test_every_continued_run_may_go_to_a_newer_worker(sources: Sources) -> None:
    """Measured: a parked run that is pinned to a replaced worker hangs for ever."""
    calls = [
        (source, node)
        for source in sources.of("workflows")
        for node in source.nodes()
        if isinstance(node, ast.Call) and dotted(node.func) == "workflow.continue_as_new"
    ]
    assert calls, "no workflow continues as new any more: this test has lost its subject"
    wrong = [
        source.at(node, "continue_as_new without initial_versioning_behavior=AUTO_UPGRADE")
        for source, node in calls
        if not any(
            word.arg == "initial_versioning_behavior" and dotted(word.value).endswith("AUTO_UPGRADE")
            for word in node.keywords
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_a_parked_loan_is_spoken_to_by_updates_only(sources: Sources) -> None:
    """A plain signal waits for the date and a query fails while a loan is parked."""
    loan = next(source for source in sources.of("workflows") if source.path == "workflows/loan.py")
    wrong = [
        loan.at(node, f"{dotted(node)} in a workflow that parks: make it an update")
        for node in loan.nodes()
        if dotted(node) in ("workflow.signal", "workflow.query")
    ]
    assert not wrong, "\n".join(wrong)


def test_our_own_transactions_run_as_local_activities_and_every_retry_has_an_end(sources: Sources) -> None:
    calls = next(source for source in sources.of("workflows") if source.path == "workflows/calls.py")
    started = {
        dotted(node.func): {word.arg for word in node.keywords}
        for node in calls.nodes()
        if isinstance(node, ast.Call) and dotted(node.func).startswith("workflow.execute_")
    }
    assert set(started) == {"workflow.execute_local_activity_method", "workflow.execute_activity_method"}
    for name, words in started.items():
        assert {"start_to_close_timeout", "schedule_to_close_timeout", "retry_policy"} <= words, name
    elsewhere = [
        source.at(node, f"{dotted(node.func)}: call ours() or outside()")
        for source in sources.of("workflows")
        if source.path != "workflows/calls.py"
        for node in source.nodes()
        if isinstance(node, ast.Call) and re.match(r"workflow\.(execute|start)_(local_)?activity", dotted(node.func))
    ]
    assert not elsewhere, "\n".join(elsewhere)


# --- names ------------------------------------------------------------------------------------------------------------


def test_no_file_has_a_name_that_says_nothing(sources: Sources) -> None:
    wrong = [source.path for source in sources.of() if Path(source.path).stem in NO_NAMES]
    assert not wrong, f"name them after their subject: {wrong}"


def test_every_module_says_what_it_is_for(sources: Sources) -> None:
    wrong = [source.path for source in sources.of() if source.text.strip() and not ast.get_docstring(source.tree)]
    assert not wrong, f"a first line in the docstring: {wrong}"


# --- what is installed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lock", "more_than"), [("requirements.lock", 20), ("requirements-dev.lock", 20), ("requirements-bench.lock", 3)]
)
def test_a_lock_pins_every_package_by_hash_and_names_no_index(root: Path, lock: str, more_than: int) -> None:
    """With a host in it, it works with that host only; without a hash, with whatever the host gives out."""
    text = (root / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    packages = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^#.*\n", "", text).strip())
    assert len(packages) > more_than
    loose = [package.split()[0] for package in packages if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", package)]
    unhashed = [package.split()[0] for package in packages if "--hash=sha256:" not in package]
    assert not loose
    assert not unhashed


def test_every_package_that_the_project_asks_for_is_in_the_lock(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["embedded"]]
    locked = {name.lower() for name in re.findall(r"(?m)^([\w.-]+)", (root / "requirements.lock").read_text())}
    missing = [one for one in asked if re.match(r"[\w.-]+", one)[0].lower() not in locked]
    assert not missing, f"run `make lock`: {missing}"
