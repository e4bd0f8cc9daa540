"""A copy of all that we hold of a person, and the erasure of what no law keeps (个保法 45, 47)."""

import asyncio
import contextlib
import hashlib
import json
import tempfile
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.papers.words import day
from activities.ports import personal_data as port
from activities.ports.personal_data import DataToFulfil, Fulfilled
from activities.steps import Steps
from db import audits, clocks, people, personal_data
from db.tables import DataRequest
from infra import i18n
from infra.crypto import PersonKey, Vault
from infra.papers.listing import Listing, Part, print_listing
from infra.storage import ObjectMissing, Storage
from lending.calendars import Jurisdiction, business_date
from lending.refusals import ApplicationOpen, LoanLives, Refusal
from policies.book import PolicyBook
from policies.retention import Kept, kept_after

# A link that lies about for longer is found by somebody else.
LINK = timedelta(hours=24)
COPY = "data_request.copy"


class PersonalData(port.PersonalData):
    """Makes copies, and erases."""

    def __init__(self, steps: Steps, vault: Vault, storage: Storage, book: PolicyBook, jurisdiction: str) -> None:
        self._steps = steps
        self._vault = vault
        self._storage = storage
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)

    @activity.defn
    async def fulfil_request(self, wanted: DataToFulfil) -> Fulfilled:
        """A copy sealed with the person's own key, or the person's key destroyed with all that only it opens."""
        async with self._steps.sessions.begin() as session:
            row = await personal_data.request(session, wanted.request_id)
            done: Fulfilled | None = None
            left = [str(key) for key in (row.kept or {}).get("going", ())]
            if row.state != "asked":
                done = Fulfilled(row.state, row.problem)
            person_id, kind, locale = row.person_id, row.kind, row.locale
        if done is not None:
            await self._clear(wanted.request_id, left)  # of an erasure that was cut off after its rows went
            return done
        if kind == "export":
            return await self._copy(wanted.request_id, person_id, locale)
        return await self._erase(wanted.request_id, person_id)

    @activity.defn
    async def give_up_request(self, wanted: DataToFulfil) -> Fulfilled:
        """The person may ask again."""
        return await self._refuse(wanted.request_id, "failed")

    # --- a copy -------------------------------------------------------------------------------------------------------

    async def _copy(self, request_id: UUID, person_id: UUID, locale: str) -> Fulfilled:
        with tempfile.TemporaryDirectory(prefix="huoshui-copy-") as folder:
            path = Path(folder) / "copy.zip"
            async with self._steps.sessions.begin() as session:
                key = await people.key_of(session, self._vault, person_id)
                now = await clocks.now(session, self._steps.clock_id)
                await self._pack(session, path, person_id, key, locale, now)
            data = path.read_bytes()
        object_key = f"copies/{request_id}"
        await self._storage.destroy(object_key)  # of a try that did not come to its end
        sealed = self._vault.seal_file(key, COPY, request_id, data)
        await self._storage.put(object_key, sealed, "application/octet-stream")
        async with self._steps.sessions.begin() as session:
            row = await personal_data.request(session, request_id)
            reading = await clocks.read(session, self._steps.clock_id)
            row.state, row.object_key, row.size = "ready", object_key, len(data)
            row.sha256, row.done_at = hashlib.sha256(data).hexdigest(), reading.real_now
            row.expires_at = reading.real_now + LINK
            await self._on_record(session, row, "person.copied", {"sha256": row.sha256})
        return Fulfilled("ready")

    async def _pack(
        self, session: AsyncSession, path: Path, person_id: UUID, key: PersonKey, locale: str, now: datetime
    ) -> None:
        """``data/<table>.json`` for programs, ``papers/`` as they were signed, ``summary.pdf`` for people."""
        counts: dict[str, int] = {}
        told: dict[str, list[personal_data.Json]] = {}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            async for part in personal_data.copy_of(session, person_id, _opener(self._vault, key)):
                counts[part.name] = 0
                with archive.open(f"data/{part.name}.json", "w") as out:
                    out.write(b"[")
                    async for rows in part.rows:
                        text = personal_data.written(rows)
                        await asyncio.to_thread(out.write, (",\n" if counts[part.name] else "\n").encode())
                        await asyncio.to_thread(out.write, text.encode())
                        counts[part.name] += len(rows)
                        if part.name in SUMMED:
                            told.setdefault(part.name, []).extend(rows)
                    out.write(b"\n]\n")
            for paper in told.get("document", ()):
                data = await self._storage.get(str(paper["object_key"]))
                await asyncio.to_thread(archive.writestr, f"papers/{paper['kind']}-{paper['id']}.pdf", data)
            summary = await asyncio.to_thread(self._summary, told, counts, locale, now)
            archive.writestr("summary.pdf", summary)
            archive.writestr("index.json", json.dumps({"made_at": now.isoformat(), "rows": counts}, indent=1))

    def _summary(
        self, told: dict[str, list[personal_data.Json]], counts: dict[str, int], locale: str, now: datetime
    ) -> bytes:
        """What is in the copy, for people: who we know, what was allowed, and how many rows of what."""
        own = self._book.lender
        on = business_date(now, self._jurisdiction)

        def t(key: str, **params: Any) -> str:
            return i18n.text(f"papers.copy.{key}", locale, **params)

        [person] = told["person"]
        facts = [(t("name"), person["name"]), (t("id_number"), person["id_number"]), (t("phone"), person["phone"])]
        facts += [(t("firm"), firm["name"]) for firm in told.get("firm", ())]
        facts += [(t("account"), account["number"]) for account in told.get("bank_account", ())]
        consents = [
            (i18n.text(f"lending.consent.{one['purpose']}.title", locale), _date(one["given_at"]), _ended(one))
            for one in told.get("consent", ())
        ]
        rows = [(_table(name, locale), f"{name}.json", i18n.number(n, locale)) for name, n in counts.items() if n]
        return print_listing(
            Listing(
                heading=t("heading"),
                number=f"{on:%Y%m%d}",
                lead=t("lead"),
                parts=(
                    Part(t("who"), facts=[(label, value) for label, value in facts if value]),
                    Part(t("allowed"), head=(t("what"), t("given"), t("ended")), rows=consents, wide=frozenset({0})),
                    Part(
                        t("held"), head=(t("what"), t("file"), t("rows")), rows=rows, right=frozenset({2}),
                        wide=frozenset({0}),
                    ),
                ),
                issuer=own.name.zh_CN if locale == "zh_CN" else own.name.en,
                dated=on,
                day=day(on, locale),
                notes=(t("note"),),
                footer=t("footer", phone=own.service_phone),
            ),
            locale,
        )  # fmt: skip

    # --- erasure ------------------------------------------------------------------------------------------------------

    async def _erase(self, request_id: UUID, person_id: UUID) -> Fulfilled:
        """What the law keeps is sealed under our own key, then rows and key go in one transaction, then the objects."""
        async with self._steps.sessions.begin() as session:
            if no := await self._in_the_way(session, person_id):
                return await self._refuse(request_id, no.code)
            objects = await personal_data.objects(session, person_id)
        moved = [(paper, await self._keep(paper, key)) for paper, key, _ in objects.kept]
        async with self._steps.sessions.begin() as session:
            row = await personal_data.request(session, request_id)
            if no := await self._in_the_way(session, person_id):  # something began meanwhile
                row.state, row.problem = "refused", no.code
                return Fulfilled(row.state, row.problem)
            standing = await personal_data.standing(session, person_id)
            reading = await clocks.read(session, self._steps.clock_id)
            on = business_date(reading.now, self._jurisdiction)
            kept = kept_after(self._book.retention, erased_on=on, last_closed_on=standing.last_closed_on)
            for paper, key in moved:
                await personal_data.move_paper(session, paper, key)
            going = [*objects.going, *(key for _, key, _ in objects.kept if not key.startswith(KEPT))]
            await personal_data.take_away(session, person_id, reading.real_now)
            row.state, row.done_at = "erased", reading.real_now
            row.kept = {"items": [_as_json(one) for one in kept], "going": going}
            await self._on_record(session, row, "person.erased", {"kept": [one.what for one in kept]})
        await self._clear(request_id, going)
        return Fulfilled("erased")

    async def _in_the_way(self, session: AsyncSession, person_id: UUID) -> Refusal | None:
        standing = await personal_data.standing(session, person_id)
        if standing.loan_lives:
            return LoanLives()
        return ApplicationOpen() if standing.application_open else None

    async def _keep(self, document_id: UUID, key: str) -> str:
        """A paper that the law keeps, sealed under our own key: nobody reads it without that key and a reason."""
        if key.startswith(KEPT):
            return key
        data = await self._storage.get(key)
        kept = f"{KEPT}{document_id}"
        await self._storage.destroy(kept)
        await self._storage.put(kept, self._vault.seal_kept(document_id, data), "application/octet-stream")
        return kept

    async def _clear(self, request_id: UUID, keys: list[str]) -> None:
        """The objects go for good, and the request no longer names them."""
        for key in keys:
            with contextlib.suppress(ObjectMissing):
                await self._storage.destroy(key)
        if keys:
            async with self._steps.sessions.begin() as session:
                row = await personal_data.request(session, request_id)
                row.kept = {**(row.kept or {}), "going": []}

    async def _refuse(self, request_id: UUID, problem: str) -> Fulfilled:
        async with self._steps.sessions.begin() as session:
            row = await personal_data.request(session, request_id)
            if row.state == "asked":
                row.state, row.problem = "refused", problem
                row.done_at = (await clocks.read(session, self._steps.clock_id)).real_now
            return Fulfilled(row.state, row.problem)

    async def _on_record(self, session: AsyncSession, row: DataRequest, action: str, detail: dict[str, Any]) -> None:
        await audits.append(
            session,
            actor="system",
            action=action,
            object_kind="person",
            object_id=str(row.person_id),
            detail={"request": str(row.id), **detail},
            request_id=None,
        )


KEPT = "kept/"
# What the summary tells in words; all else is counted.
SUMMED = frozenset({"person", "firm", "bank_account", "consent", "document"})


def _opener(vault: Vault, key: PersonKey) -> personal_data.Opener:
    return lambda column, place, sealed: vault.open(key, column, place, sealed)


def _as_json(one: Kept) -> dict[str, str]:
    return {"what": one.what, "law": one.law, "until": one.until.isoformat()}


def _table(name: str, locale: str) -> str:
    key = f"papers.copy.table.{name}"
    return i18n.text(key, locale) if i18n.known(key) else name


def _date(instant: str) -> str:
    return instant[:10]


def _ended(consent: personal_data.Json) -> str:
    return _date(consent["withdrawn_at"] or consent["expires_on"])


class OldCopies:
    """Takes copies out of the store whose link has run out."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """How many were taken away."""
        rows = await personal_data.run_out(session, await personal_data.wall_time(session))
        for row in rows:
            if row.object_key:
                await self._storage.destroy(row.object_key)
            row.object_key = None
        return {"removed": len(rows)}
