"""A role proposed from the command line, in the name of a member of staff who shows their second factor."""

from uuid import uuid4

from api.auth import proof
from api.caller import Caller, Principal
from api.problems import NotFound
from api.staff import registry
from api.staff.registry import ProposeMove
from api.tools import Tools
from api.views import ModelFile
from db import doors


async def propose(tools: Tools, login: str, digits: str, model_id: str, wish: ProposeMove) -> ModelFile:
    """The same act as at the desk, with its checks and its audit; another person's approval stays at the desk.

    Raises :class:`NotFound` for a login that is none or may not propose and for a model that is none, ``WrongPassword``
    for digits that are not theirs, and what :func:`api.staff.registry.propose` raises.
    """
    async with tools.sessions.begin() as session:
        member = await doors.find_staff(session, login)
    if member is None:
        raise NotFound
    caller = Caller(
        tools=tools,
        principal=Principal("staff", member.id, frozenset(member.roles), member.name),
        request_id=uuid4().hex,
        locale="en",
        network="",
        device="command line",
        csrf="",
        nonce="",
        channel="command",
    )
    if not caller.may("model.propose"):
        raise NotFound
    return await registry.propose(await proof.prove(caller, digits), model_id, wish, uuid4().hex)
