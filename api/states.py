"""Where a thing stands, in words: no refusal says the code of a state to a person.

Several things have states of one name (an offer of ours, an offered invoice): the step that was refused says which is
meant.
"""

from collections.abc import Mapping
from typing import Any

from infra import i18n

# Where the words of states stand, in the order in which a name is looked for.
PLACES = (
    "lending.stage",
    "api.stage",
    "lending.state",
    "lending.receivable",
    "lending.collateral",
    "web.parties.state",
    "web.lines.state",
    "lending.incoming_state",
)
# What a step is about, where that is no application.
OF_STEP = {
    **dict.fromkeys(("offer_collateral", "prove", "pledge", "confirm_receivable"), "lending.receivable"),
    **dict.fromkeys(
        ("take_back", "appraise", "add", "Appraise", "Secure", "HoldAgainst", "Unwind"), "lending.collateral"
    ),
    **dict.fromkeys(("place", "confirm", "judge", "suspense"), "lending.incoming_state"),
    **dict.fromkeys(("sign_part", "decline"), "web.parties.state"),
}
NAMES = ("stage", "state")


def named(params: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The parameters with each state in words; what has none is called "where it stands now"."""
    place = OF_STEP.get(str(params.get("step", "")), "")
    said = {name: _words(str(one), place, locale) if name in NAMES else one for name, one in params.items()}
    if i18n.known(key := f"lending.not_now.{params.get('because', '')}"):
        said["because"] = i18n.text(key, locale)
    return said


def _words(state: str, place: str, locale: str) -> str:
    for where in (place, *PLACES):
        if where and i18n.known(key := f"{where}.{state}"):
            return i18n.text(key, locale)
    return i18n.text("api.stage.somewhere", locale)
