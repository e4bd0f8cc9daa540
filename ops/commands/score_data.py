"""``huoshui score evaluate``, ``train`` and ``explain``: the whole way from flows to a chance, on any data set."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers
from ops.commands.model import proofs
from ops.commands.system import answered, chosen

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.evaluating.reading import Data
    from scoring.training import Trained

KINDS = ("invoices", "statements", "receivables", "table")
SEED = 1
REPEATS = 5  # of the parts that a trained model is judged by, where rows are few enough to need them


class Parts(click.ParamType):
    """``5x5``: parts and repeats."""

    name = "FOLDSxREPEATS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        folds, _, repeats = str(value).lower().partition("x")
        if not (folds.isdigit() and (repeats or "1").isdigit()) or not 2 <= int(folds) <= 20:
            self.fail(f"{value!r} is no split: say folds and repeats, like 5x5", param, ctx)
        return int(folds), min(max(int(repeats or 1), 1), 20)


def _day(ctx: click.Context, param: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder (or file) of the data set.")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="Its layout.")
@click.option("--cv", default="5x5", show_default=True, type=Parts(), help="Parts and repeats where no time splits.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="invoices: the day of judging.")
@click.option("--map", "mapping", multiple=True, help="receivables: role=heading (buyer, issue, due, settled, amount).")
@click.option("--late-over", default=0, show_default=True, type=click.IntRange(0, 365), help="receivables: days late.")
@click.option("--label", help="table: the outcome's column, or column=value that is bad.")
@click.option("--time", help="table: the column of the day of judging; splits by time.")
@click.option("--known-after", default=0, type=click.IntRange(0, 3_650), help="table: days until an outcome is known.")
@click.option("--drop", multiple=True, help="table: columns to leave out, separated by commas.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same figures.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def evaluate(
    data: Path,
    kind: str,
    cv: tuple[int, int],
    as_of: date | None,
    mapping: tuple[str, ...],
    late_over: int,
    label: str | None,
    time: str | None,
    known_after: int,
    drop: tuple[str, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Judge the whole pipeline on a data set: features, both models, calibration and choice inside each fold.

    invoices: labelled_companies.csv (company_id, default), labelled_sales and labelled_purchases (company_id,
    invoice_date, counterparty_id, amount_net, tax, status). statements: labels.csv (firm_id, as_of, bad, amount_asked,
    months_asked), lines (firm_id, at, direction, amount, balance, counterparty, description). receivables: one ledger
    of invoices, split by time. table: any table with --label, split by --time where it is given.
    """
    from ops.evaluating.judging import judged
    from ops.evaluating.reading import Unusable

    columns = tuple(name.strip() for text in drop for name in text.split(",") if name.strip())
    try:
        found = _read(data, kind, as_of, mapping, late_over, label, time, columns, known_after)
        told = judged(found, cv, seed, lambda step: click.echo(step, err=True))
    except Unusable as error:
        _refuse(str(error))
    told = {"kind": kind, **told}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    _tell(told)


def _read(
    data: Path,
    kind: str,
    as_of: date | None,
    mapping: tuple[str, ...],
    late_over: int,
    label: str | None,
    time: str | None,
    drop: tuple[str, ...],
    known_after: int,
) -> "Data":
    from ops.evaluating import firms, tables
    from ops.evaluating.reading import Unusable

    if kind == "invoices":
        labels, evidence, days, left_out = firms.invoice_firms(data, as_of)
        return firms.data_of(labels, "default", evidence, days, left_out)
    if kind == "statements":
        labels, evidence, days, left_out = firms.statement_firms(data)
        return firms.data_of(labels, "bad", evidence, days, left_out)
    if kind == "receivables":
        return tables.receivables(data, mapping, late_over)
    if not label:
        raise Unusable("a table needs --label: the column of the outcome")
    return tables.any_table(data, label, time, drop, known_after)


@click.command()
@click.option("--invoices", type=click.Path(path_type=Path), help="Folder in the layout ``invoices``.")
@click.option("--statements", type=click.Path(path_type=Path), help="Folder in the layout ``statements``.")
@click.option("--labels", type=click.Path(path_type=Path), help="Labels of the statements, where not in their folder.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="The day of judging of invoices.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--origin", default="trained on a data set of files", show_default=True, help="What the card says.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write model and card.json to.")
@click.option(
    "--store", "--register", "register", is_flag=True, help="Keep it in S3 and enter it in the registry as a shadow."
)
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
def train(
    invoices: Path | None,
    statements: Path | None,
    labels: Path | None,
    as_of: date | None,
    seed: int,
    origin: str,
    out: Path | None,
    register: bool,
    as_json: bool,
) -> None:
    """Train scorecard and trees on a data set, choose by the rule, and write model and card.

    With both folders the firms are those of the statements, and --labels and --as-of are theirs. A feature that knows
    the answer stops the run and is named. --store keeps model and card in S3 and the registry, as a shadow: two people
    give it another role. The system is the one that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
    """
    from ops.evaluating import firms
    from ops.evaluating.reading import Unusable
    from scoring.training import TrainingRefused
    from scoring.training import train as trained_on

    if invoices is None and statements is None:
        _refuse("say --invoices FOLDER or --statements FOLDER, or both where the firms are the same")
    if register:
        chosen()  # before the minutes of training
    try:
        if statements is not None:
            known, evidence, days, _ = firms.statement_firms(labels_beside(statements, labels), invoices)
            column = "bad"
        else:
            assert invoices is not None  # noqa: S101 (one of the two, as said above)
            known, evidence, days, _ = firms.invoice_firms(labels_beside(invoices, labels), as_of)
            column = "default"
        outcome = {"as_of": days, "default": firms.outcomes(known[column], "labels")}
        made = trained_on(
            evidence,
            outcome,
            seed,
            lambda step: click.echo(step, err=True),
            origin={"label": origin, "firms": len(known)},
            trained_on=datetime.now(UTC).date().isoformat(),
            foretells=f"{column!r} of the labels",
            repeats=REPEATS,
        )
    except (Unusable, TrainingRefused) as error:
        _refuse(str(error))
    if out is not None:
        write(made, out)
    if register:
        answered(lambda settings: _register(settings, made))
    if as_json:
        click.echo(json.dumps(made.card, ensure_ascii=False, indent=1))
        return
    figures = made.card["metrics"]
    click.echo(f"{made.model_id}  {made.card['method']}  AUC {figures['auc']}  ECE {figures['ece']}  n {figures['n']}")
    for line in proofs(made.card):
        click.echo(line)


def labels_beside(folder: Path, labels: Path | None) -> Path:
    """The folder; where labels are named, they must be the folder's own. Raises Unusable."""
    from ops.evaluating.reading import Unusable

    if labels is not None and labels.resolve().parent != folder.resolve():
        raise Unusable(f"{labels}: labels lie in the folder of their data ({folder})")
    return folder


def write(made: "Trained", out: Path) -> None:
    """``model`` and ``card.json``; the other candidate as ``other`` and ``other.json``."""
    out.mkdir(parents=True, exist_ok=True)
    for name, one in (("model", made), ("other", made.other)):
        if one is None:
            continue
        ending = "json" if one.card["method"] == "scorecard" else "ubj"
        (out / f"{name}.{ending}").write_bytes(one.model_bytes)
        card = "card.json" if name == "model" else "other_card.json"
        (out / card).write_text(json.dumps(one.card, indent=1, ensure_ascii=False), encoding="utf-8")


async def _register(settings: "Settings", made: "Trained") -> None:
    from db.sessions import Sessions
    from infra.storage import Storage
    from ops.default_model import keep

    sessions, storage = Sessions(settings, scope="worker"), Storage(settings)
    try:
        await keep(made, sessions, storage, role="shadow", at=datetime.now(UTC))
    finally:
        storage.close()
        await sessions.close()


@click.command()
@click.option("--model", "folder", required=True, type=click.Path(path_type=Path), help="Folder that train wrote.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder of the data set.")
@click.option("--kind", required=True, type=click.Choice(KINDS[:2]), help="Its layout.")
@click.option("--firm", required=True, help="Which firm of the data set.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="invoices: the day of judging.")
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def explain(folder: Path, data: Path, kind: str, firm: str, as_of: date | None, lang: str, as_json: bool) -> None:
    """Show one firm's chance of default, its reasons, and which sources are missing."""
    from infra import i18n
    from ops.evaluating import firms
    from ops.evaluating.reading import Unusable
    from scoring.assessment import assess
    from scoring.model import Model, ModelRefused

    try:
        read = firms.invoice_firms(data, as_of) if kind == "invoices" else firms.statement_firms(data)
        labels, evidence, days, _ = read
        ids = [str(one) for one in labels["company_id" if kind == "invoices" else "firm_id"]]
        if firm not in ids:
            raise Unusable(f"{data}: there is no firm {firm!r}")
        number = ids.index(firm)
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        ending = "json" if card["method"] == "scorecard" else "ubj"
        model = Model.load((folder / f"model.{ending}").read_bytes(), card)
        found = assess(model, evidence.of(number), days[number].astype(object))
    except (Unusable, ModelRefused) as error:
        _refuse(str(error))
    except (OSError, ValueError, KeyError) as error:
        _refuse(f"{folder}: no model and card.json that can be read ({error})")
    reasons = [
        {
            "code": reason.code,
            "weight": str(reason.weight),
            "text": i18n.text(f"scoring.reason.{reason.code}", lang, **dict(reason.params)),
        }
        for reason in found.score.reasons
    ]
    told = {
        "firm": firm,
        "pd": str(found.score.pd),
        "grade": found.score.grade,
        "confidence": str(found.score.confidence),
        "reasons": reasons,
        "missing": list(found.missing_sources),
        "features": {name: value for name, value in found.features.items() if value is not None},
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{firm}: {told['pd']}  {told['grade']}  {told['confidence']}")
    for reason in reasons:
        click.echo(f"  {reason['weight']:>8}  {reason['text']}")
    for source in found.missing_sources:
        click.echo(f"  – {i18n.text(f'scoring.source.{source}', lang)}")


def _refuse(why: str) -> Any:
    click.echo(f"Error: {why}", err=True)
    sys.exit(2)


def _tell(told: dict[str, Any]) -> None:
    parts = {"chosen": told, **told["candidates"], "bureau_only": told["bureau_only"], "with_flows": told["with_flows"]}
    keys = ("auc", "auc_ci", "ks", "brier", "ece", "n", "bad")
    rows = [[name, *(str(part[key]) for key in keys)] for name, part in parts.items() if part]
    answers.table(("model", "auc", "interval", "ks", "brier", "ece", "n", "bad"), rows)
    for column, why in told["dropped"].items():
        click.echo(f"left out: {column} ({why})")
    for why, count in told["left_out"].items():
        click.echo(f"not used: {count} {why}")
