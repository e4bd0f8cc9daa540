"""One file of a form, read as it streams in, and how it is told to the OpenAPI document."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from api.owner.uploading import Upload, chunks_of
from api.problems import BadFields, BadRequest, FieldError, WrongType

FILE = {"type": "string", "format": "binary"}


def form_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A body that is read as it streams in, said to the OpenAPI document: the framework does not see it."""
    told = {"type": "object", "required": ["file"], **schema}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": told}}}}


@asynccontextmanager
async def one_file(request: Request) -> AsyncGenerator[Upload]:
    """The one file of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise WrongType
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BadFields(fields=(FieldError("file", "missing"),))
            password = form.get("password")
            given = password if isinstance(password, str) else ""
            yield Upload(file.filename or "", chunks_of(file), given)
    except MultiPartException:
        raise BadRequest from None
