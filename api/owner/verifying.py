"""Anybody checks a paper of ours: who signed it, when, whether it is still what was signed. The file is not kept."""

import hashlib
from datetime import timedelta

from sqlalchemy import exists, select

from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.owner.uploading import Upload, read_whole
from api.problems import BadFields, FieldError, Unavailable
from api.views import SignatureView, VerificationView
from db.tables import Document
from gateways.exchange import Garbled, Interrupted, NeverSent, exchange
from infra import http
from infra.checking import CheckFailed, checked
from infra.pades import NotAPdf

LARGEST = 10 * 1024 * 1024
CHECKS = Limit(timedelta(minutes=1), 20)
PATIENCE = 5.0
PARTY = "Huoshui-Party"
NATURAL = ("Huoshui-Borrower", PARTY)
BOTH = {"Huoshui-Lender": "lender", "Huoshui-Borrower": "borrower"}


async def verify(caller: Caller, upload: Upload) -> VerificationView:
    """What the file itself proves, against the authority's root; and whether these very bytes are in our archive.

    Raises :class:`BadFields` for what is no PDF, :class:`Unavailable` while the authority cannot be reached.
    """
    await at_most(caller, f"verify:{caller.network}", CHECKS)
    pdf = await read_whole(upload.chunks, LARGEST)
    try:
        found = await checked(pdf, await _root(caller))
    except NotAPdf:
        raise BadFields(fields=(FieldError("file", "no_pdf"),)) from None
    except CheckFailed:
        raise BadFields(fields=(FieldError("file", "unreadable_pdf"),)) from None
    digest = hashlib.sha256(pdf).hexdigest()
    async with caller.tools.sessions.begin(scope="staff") as session:
        known = await session.scalar(select(exists().where(Document.sha256 == digest)))
    signatures = tuple(
        SignatureView(
            party=BOTH.get(one.field, "party" if one.field.startswith(PARTY) else "other"),
            name=_masked(one.name) if one.field.startswith(NATURAL) else one.name,
            reason=one.reason,
            signed_at=one.at,
            intact=one.intact,
            whole=one.whole,
            trusted=one.trusted,
        )
        for one in found
    )
    parties = {one.party for one in signatures}
    return VerificationView(
        sha256=digest,
        genuine=parties >= {"lender", "borrower"} and all(one.good for one in found),
        in_archive=bool(known),
        signatures=signatures,
    )


def _masked(name: str) -> str:
    """The first character: whoever holds the paper can read the name on it, whoever does not learns none."""
    return name[:1] + "*" * (len(name) - 1)


async def _root(caller: Caller) -> bytes:
    try:
        async with http.client(caller.tools.settings.authority_url, timeout=PATIENCE) as client:
            reply = await exchange(client, "GET", "root.pem", deadline=PATIENCE)
    except (NeverSent, Interrupted, Garbled):
        raise Unavailable(retry_after=5, party="authority") from None
    if reply.status != 200:
        raise Unavailable(retry_after=5, party="authority")
    return reply.body
