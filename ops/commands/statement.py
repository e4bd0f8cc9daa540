"""``huoshui statement``: what is understood of a bill or bank statement, and what is not."""

from pathlib import Path

import click

from ops.commands import answers


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: one object per file.")
@click.option("--lines", is_flag=True, help="With --json: the lines, too.")
def statement(files: tuple[Path, ...], as_json: bool, lines: bool) -> None:
    """Show what is understood of a bill or bank statement.

    Exit code 1 when a file is not understood; the others are shown all the same.
    """
    from imports.misreadings import StatementNotUnderstood
    from imports.statements import Statement, read
    from infra import i18n
    from infra.phrases import phrase
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()
    answer: list[dict[str, object]] = []
    refused = False

    def show(found: Statement) -> None:
        told = found.summary

        def shown(minor: int) -> str:
            return i18n.money(minor, told.currency, locale)

        counts = {"lines": i18n.number(told.lines, locale), "months": told.months_covered}
        rest = {"duplicates": told.duplicates, "unread": told.not_understood_count, "layout": told.layout}
        days = {"first": told.first_day, "last": told.last_day, "revenue": shown(told.revenue_minor)}
        click.echo(i18n.text("ops.statement.summary", locale, file=found.name, **counts, **rest, **days))
        names = ("month", "lines", "sales", "refunds", "revenue")
        rows = [
            [
                month.month,
                i18n.number(month.lines, locale),
                *map(shown, (month.sales_minor, month.refunds_minor, month.revenue_minor)),
            ]
            for month in told.months
        ]
        answers.table([i18n.text(f"ops.statement.{name}", locale) for name in names], rows)
        for row, code, params in told.not_understood[:10]:
            why = phrase(f"imports.{code}", locale, params) if i18n.known(f"imports.{code}") else code
            click.echo(i18n.text("ops.statement.row", locale, row=row, why=why))

    for path in files:
        try:
            found = read(path.read_bytes(), path.name)
        except StatementNotUnderstood as error:
            refused = True
            key = f"imports.{error.code}"
            why = phrase(key, locale, error.all_params) if i18n.known(key) else f"{error.code} {error.where}".strip()
            answer.append({"file": str(path), "problem": error.code, **error.all_params})
            click.echo(f"{path.name}: {why}", err=True)
            continue
        if as_json:
            more = {"lines": [line._asdict() for line in found.lines]} if lines else {}
            answer.append({"file": str(path), "summary": found.summary.as_json(), **more})
        else:
            show(found)
    if as_json:
        answers.as_json(answer)
    raise SystemExit(1 if refused else 0)
