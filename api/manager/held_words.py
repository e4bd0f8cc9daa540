"""Words that wait for a second reader, as lines of the inbox: a lead's, and everybody's who may release them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.looking import names
from api.phrases import phrase
from api.views import ClockCard
from db import offline, reading, second_reading
from infra import i18n
from lending.workbench import clock

KIND, RIGHT = "held_words", "words.release"


async def cards(session: AsyncSession, caller: Caller, now: datetime, whose: str) -> list[ClockCard]:
    """Those that this caller may read. ``mine``: of whose lead they are, and what has none; nobody's own words."""
    if not caller.may(RIGHT):
        return []
    found: list[ClockCard] = []
    for row in await second_reading.waiting(session):
        mine = row.lead_id in (None, caller.staff_id)
        if row.staff_id == caller.staff_id or (whose == "mine" and not mine):
            continue
        application = await reading.application(session, row.application_id) if row.application_id else None
        comma = "、" if caller.locale.startswith("zh") else ", "
        said = {
            "who": await offline.name_of(session, row.staff_id) or "",
            "topics": comma.join(i18n.text(f"lending.topic.{one}", caller.locale) for one in row.topics),
        }
        stands = clock(row.held_at, row.due_at, now)
        whom = await names(session, caller, application) if application is not None else ()
        found.append(
            ClockCard(
                kind=KIND,
                id=row.id,
                application_id=row.application_id,
                number=application.number if application is not None else None,
                customer=" · ".join(part for part in whom if part),
                why=phrase("api.clock.held_words", caller.locale, said),
                created_at=row.held_at,
                due_at=row.due_at,
                spent=stands.spent,
                burn=stands.burn.value,
                mine=mine,
                owner=await offline.name_of(session, row.lead_id),
                handed_from=None,
                slot_at=None,
            )
        )
    return found
