"""The file of who may send bills."""

from typing import Annotated

from pydantic import Field

from policies.files import PolicyFile

Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class MailboxFile(PolicyFile):
    """``senders``: domains, each with its subdomains."""

    senders: Annotated[tuple[Domain, ...], Field(min_length=1)]
    files_at_most: Annotated[int, Field(ge=1, le=50)]
