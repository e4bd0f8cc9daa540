"""``huoshui score``: one group; each subject of commands is a module of its own (``ops.commands.score_…``)."""

import click

from ops.commands.score_care import fairness, prescore, store
from ops.commands.score_data import evaluate, explain, train


@click.group()
def score() -> None:
    """Evaluate, train and explain the model; pre-score firms, compare how they are treated, export the store."""


for command in (evaluate, train, explain, prescore, fairness, store):
    score.add_command(command)
