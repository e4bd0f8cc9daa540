"""``huoshui score``: one group; each subject of commands is a module of its own (``ops.commands.score_…``)."""

import click

from ops.commands.score_care import fairness, prescore, store


@click.group()
def score() -> None:
    """Pre-score lists of firms, compare how they are treated, export the training store."""


for command in (prescore, fairness, store):
    score.add_command(command)
