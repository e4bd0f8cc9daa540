"""Reading what a person sent, and telling beside each field what is wrong with it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from starlette.requests import Request

from api.caller import Caller
from api.idempotency import new_key
from api.problem_words import told
from api.problems import BadFields, FieldError, Problem
from lending.refusals import Refusal
from web.views.parts import Form
from web.wording import Say

# Which field of a page a refusal belongs to; all others are about the whole form.
BELONGS: Mapping[str, str] = {
    "amount_out_of_range": "amount",
    "months_out_of_range": "months",
    "share_out_of_range": "share",
    "wrong_code": "code",
    "code_expired": "code",
    "file_too_large": "files",
    "file_already_given": "files",
    "file_needs_password": "files",
    "file_password_wrong": "files",
    "file_does_not_open": "files",
    "statement_not_understood": "files",
    "reason_missing": "reason",
    "wrong_password": "password",
    "slot_taken": "slot",
}
# Where the uses name a field otherwise than the pages.
RENAMED: Mapping[str, str] = {
    "monthly_revenue": "revenue",
    "account_number": "account",
    "file": "files",
    "totp": "code",
}
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)


async def sent(request: Request) -> dict[str, str]:
    """The text fields of a form, the last of each name."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def shown(action: str, values: Mapping[str, str] | None = None, errors: Mapping[str, Say | str] | None = None) -> Form:
    """A form with a fresh key."""
    return Form(action, new_key(), values or {}, errors or {})


def again(
    action: str, values: Mapping[str, str], error: Refusal | Problem, caller: Caller, secret: Iterable[str] = ()
) -> Form:
    """The form after a no: everything that was typed but what is secret, and why beside each field."""
    hidden = {"csrf", "key", *secret}
    kept = {name: value for name, value in values.items() if name not in hidden}
    return shown(action, kept, errors_of(error, caller.locale))


def errors_of(error: Refusal | Problem, locale: str) -> dict[str, Say | str]:
    """What is wrong, by field; under "" what concerns the whole form."""
    words = told(error, locale)
    if words.fields:
        return {RENAMED.get(field.field, field.field): said for field, said in words.fields}
    return {BELONGS.get(words.code, ""): words.detail}


def instant(form: Mapping[str, str], name: str) -> datetime:
    """The hour that a button carries; :class:`BadFields` for anything else."""
    try:
        found = datetime.fromisoformat(form.get(name, ""))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadFields(fields=(FieldError(name, "not_one_of_these"),))
    return found


def shown_id(text: str) -> UUID:
    """The id that a choice carries; of anything else one that nothing has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def figure(text: str) -> Decimal | None:
    """A number as people type it: "80,000", "８００００", "8万", "12.5 %"; None if it is none."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\s,¥%元]", "", plain)
    times = 1
    if plain.endswith("万"):
        plain, times = plain[:-1], 10_000
    if not re.fullmatch(NUMBER, plain):
        return None
    try:
        return Decimal(plain) * times
    except InvalidOperation:
        return None


def minor(text: str) -> int | None:
    """An amount in yuan as minor units; None if it is none or finer than a fen."""
    value = figure(text)
    if value is None or value * 100 != int(value * 100):
        return None
    return int(value * 100)


# In so many seconds even a busy system takes up what it was asked for.
TAKEN_UP = 30


def just_asked(request: Request, caller: Caller) -> bool:
    """Whether a page is shown to somebody who asked for something a moment ago (``?asked=``, in seconds of the wall
    clock): the story may not have taken it up yet, and nothing is to be asked twice."""
    try:
        asked = int(request.query_params.get("asked", "0"))
    except ValueError:
        return False
    return 0 <= caller.tools.wall_now().timestamp() - asked < TAKEN_UP


def asked_now(caller: Caller) -> str:
    """The query that says so."""
    return f"asked={int(caller.tools.wall_now().timestamp())}"


def local(path: str, instead: str = "/") -> str:
    """A path of this site to go on to, or ``instead``: nobody is sent elsewhere by a link that looks like ours."""
    if re.fullmatch(r"/(?![/\\])[\w\-./?=&%+,]*", path, re.ASCII) and len(path) <= 500:
        return path
    return instead
