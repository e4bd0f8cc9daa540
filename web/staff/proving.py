"""Forms at the desk that carry the authenticator's digits: what is wrong with them stands beside their field."""

from collections.abc import Mapping
from dataclasses import replace

from api.caller import Caller
from api.problems import Problem
from lending.refusals import Refusal
from web.asking import again
from web.views.parts import Form

DIGITS = "totp"
# How the uses name what was wrong with the digits.
_ABOUT_DIGITS = ("code", "password")


def proved_again(action: str, values: Mapping[str, str], error: Refusal | Problem, caller: Caller) -> Form:
    """The form after a no, without its digits."""
    form = again(action, values, error, caller, (DIGITS,))
    errors = {DIGITS if name in _ABOUT_DIGITS else name: said for name, said in form.errors.items()}
    return replace(form, errors=errors)
