"""The list of what to bring, dressed for the owner's page and for the manager's."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData, UploadFile

from api import views
from api.caller import Caller
from api.owner.uploading import Upload, chunks_of
from api.problems import Problem
from infra import cleaning
from lending.refusals import Refusal
from web.asking import errors_of, shown
from web.views.brought import BroughtFile, BroughtItem
from web.views.parts import Form
from web.wording import Say

DOCUMENT = "document"
MOST_FILES = 20


async def taken(call: Caller, form: FormData, bring: Callable[[Upload, str], Awaitable[None]]) -> list[Say]:
    """Bring each file of a form by ``bring``, each under a key of its own; one that is refused does not lose the
    others. What was wrong, in words; empty: everything was taken."""
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    problems = [] if files else [Say("web.error.file")]
    for n, file in enumerate(files):
        upload = Upload(file.filename or "", chunks_of(file), str(form.get("password", "")))
        try:
            await bring(upload, f"{form.get('key', '')}.{n}")
        except (Refusal, Problem) as no:
            told = "\n".join(str(words) for words in errors_of(no, call.locale).values())
            problems.append(Say("web.flows.refused", {"name": file.filename or "", "why": told}))
    return problems


def papers(
    seen: views.Checklist,
    files_at: str,
    *,
    bring_at: str = "",
    judge_at: str = "",
    wrong: dict[str, Form] | None = None,
) -> tuple[BroughtItem, ...]:
    """The items that a person looks at. ``files_at``: where a file opens; ``bring_at``: where another one is brought;
    ``judge_at``: where a person says whether it will do; ``wrong``: forms that were refused, by item."""
    return tuple(
        BroughtItem(
            id=item.id,
            title=item.title,
            need=item.need,
            why=item.why,
            how=item.how,
            state=item.state,
            files=files(item, files_at, judge_at),
            refusals=tuple((reason.code, reason.text) for reason in item.refusals),
            form=((wrong or {}).get(item.id) or shown(bring_at)) if bring_at and seen.open else None,
        )
        for item in seen.items
        if item.brought == DOCUMENT
    )


def files(item: views.ChecklistItem, files_at: str, judge_at: str = "") -> tuple[BroughtFile, ...]:
    """What was brought for one item."""
    return tuple(_file(one, files_at, judge_at) for one in item.files)


def lacking(seen: views.Checklist) -> tuple[str, ...]:
    """The titles of what is missing."""
    return tuple(item.title for item in seen.items if item.id in seen.missing)


def _file(one: views.BroughtFile, files_at: str, judge_at: str) -> BroughtFile:
    where = f"{files_at}/{one.id}" if files_at else ""
    return BroughtFile(
        name=one.name,
        channel=one.channel,
        state=one.state,
        received_at=one.received_at,
        href=where,
        picture=where if one.media_type == cleaning.JPEG else "",
        pages=one.pages,
        refused=one.refused.text if one.refused else "",
        words=one.words or "",
        judge=shown(f"{judge_at}/{one.id}") if judge_at and one.state == "received" else None,
    )
