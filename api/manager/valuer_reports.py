"""The report of a valuer: read once, drawn anew, kept by the hash of what was brought."""

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from api.checklist import LARGEST, UNDRAWN
from api.owner.uploading import Upload, read_whole
from api.problems import BadFields, FieldError
from api.routes import PaperFile
from infra import cleaning


@dataclass(frozen=True, slots=True)
class Report:
    """``sha256``: of the file as it was brought; ``data``: as it was drawn anew."""

    data: bytes = field(repr=False)
    media_type: str
    sha256: str


async def read(upload: Upload) -> Report:
    """A PDF or a photo of at most 20 MB and 20 pages; anything else is refused beside its field."""
    data = await read_whole(upload.chunks, LARGEST)
    try:
        clean = await cleaning.cleaned(data)
    except cleaning.CannotClean as problem:
        raise BadFields(fields=(FieldError("report", UNDRAWN[problem.code]),)) from None
    return Report(clean.data, clean.media_type, hashlib.sha256(data).hexdigest())


def file(data: bytes, media_type: str, appraisal_id: UUID) -> PaperFile:
    """As it is handed out."""
    ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
    return PaperFile(data, f"{appraisal_id}.{ending}", media_type, hashlib.sha256(data).hexdigest())
