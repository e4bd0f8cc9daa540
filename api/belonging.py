"""Whose customer somebody becomes: by the code that they scanned, else by the territory that they trade in."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.cn import uscc

from api.caller import Caller
from api.problems import NotFound
from api.views import Introduced
from db import applications, managing, offline
from db.tables import Application
from lending.identifiers import derived_id

CODE = re.compile(r"[a-z2-7]{10}", re.ASCII)
# The first digits of an area's code, GB/T 2260: a province, a city, a county.
AREA = re.compile(r"[1-9][0-9]{1,5}", re.ASCII)


async def behind(caller: Caller, code: str) -> Introduced:
    """Who stands behind a code; nothing else of them."""
    if not CODE.fullmatch(code):
        raise NotFound
    async with caller.tools.sessions.begin() as session:
        found = await managing.behind_code(session, code)
    if found is None:
        raise NotFound
    lender = caller.tools.policies.lender.name
    return Introduced(code, found.name, lender.zh_CN if caller.locale == "zh_CN" else lender.en)


async def note(session: AsyncSession, application: Application, code: str | None, now: datetime) -> None:
    """An application came by a code: it says so for good, and its owner becomes that manager's customer if they are
    nobody's. A code that leads nowhere is no reason to refuse anything."""
    if code is None or not CODE.fullmatch(code) or (staff := await managing.behind_code(session, code)) is None:
        return
    application.manager_code = code
    await given(session, application, staff.id, staff.name, source="qr", code=code, now=now)


async def by_area(
    session: AsyncSession, application: Application, licence: str | None, id_number: str, now: datetime
) -> None:
    """Somebody who is nobody's customer belongs to whoever has their area: that of the licence (GB 32100), else that
    of the identity number (GB 11643)."""
    area = licence[2:8] if licence and uscc.is_valid(licence) else id_number[:6]
    if not AREA.fullmatch(area) or (found := await managing.whose_area(session, area)) is None:
        return
    name = await offline.name_of(session, found[1]) or ""
    await given(session, application, found[1], name, source="territory", code=found[0], now=now)


async def given(
    session: AsyncSession,
    application: Application,
    staff_id: UUID,
    name: str,
    *,
    source: str,
    code: str,
    now: datetime,
) -> None:
    """The customer reads who it is; the first who came stays."""
    person = application.person_id
    if not await managing.give(
        session, person_id=person, staff_id=staff_id, source=source, code=code, by="system", now=now
    ):
        return
    await applications.tell(
        session,
        application,
        event_id=derived_id("timeline", f"{application.id}/manager_given"),
        kind="manager_given",
        actor="system",
        at=now,
        params={"who": name},
    )
