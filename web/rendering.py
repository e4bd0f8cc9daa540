"""From a view to a page: templates and their filters."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.checklist import LARGEST
from infra import i18n
from web import wording
from web.assets import assets
from web.views.parts import APPLY_STEPS, STEP_PLACES, Shell

FOLDER = Path(__file__).parent / "templates"
FILTERS = (
    "money",
    "yuan",
    "plain_yuan",
    "short_yuan",
    "day",
    "month",
    "month_number",
    "moment",
    "full_moment",
    "machine_time",
    "hour",
    "that_day",
    "metres",
    "lasting",
    "percent",
    "number",
    "places",
    "size",
    "grouped",
    "say",
    "trade",
    "of_field",
)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; a name that does not exist is an error, not a gap on the page."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update({name: getattr(wording, name) for name in FILTERS})
    env.globals.update(
        t=wording.t,
        rich=wording.rich,
        language=wording.language,
        known=i18n.known,
        locale=wording.locale,
        asset=lambda name: assets()[name].href,
        largest=LARGEST,
        apply_steps=APPLY_STEPS,
        step_places=STEP_PLACES,
    )
    return env


def html(template: str, page: object, shell: Shell) -> str:
    """The whole page."""
    with wording.reading(shell.reader):
        return environment().get_template(template).render(page=page, shell=shell)
