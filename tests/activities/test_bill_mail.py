"""A mail with bills becomes files of its application: once, locked where there is a password, never against a no."""

import io
import zipfile
from uuid import uuid4

import pytest
import pyzipper
from sqlalchemy import select, update

from activities.bill_mail import BillMails
from activities.ports.bill_mail import MailTaken, MailToTake
from db import permissions
from db.tables import Application, Command, Notice, StatementFile, TimelineEvent
from gateways.failures import GatewayRefused
from gateways.messages import Attached
from infra.settings import settings
from infra.storage import Storage
from lending.consents import Purpose
from lending.refusals import ConsentMissing
from policies.book import load
from tests.activities.test_judging import NOW

CSV = "微信支付账单明细\n".encode() * 20


def sealed_zip(password: bytes = b"482913") -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        archive.writestr("微信支付账单.csv", CSV)
    return out.getvalue()


class Mails:
    """The gateway's other end."""

    def __init__(self, *files: tuple[str, bytes]) -> None:
        self.files = files
        self.fetched = 0

    async def attachments(self, mail_id: str) -> tuple[Attached, ...]:
        if not self.files:
            raise GatewayRefused("unknown_mail")
        return tuple(Attached(n, name, len(data)) for n, (name, data) in enumerate(self.files))

    async def attachment(self, mail_id: str, n: int, limit: int) -> bytes:
        self.fetched += 1
        return self.files[n][1]


@pytest.fixture
async def taking(desk, monkeypatch):
    """``taking(*files)``: an activity that finds these in a mail to an application which may still use bills."""
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    storage = Storage(settings())
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(stage="evidence"))

    def make(*files: tuple[str, bytes]) -> tuple[BillMails, Mails]:
        mails = Mails(*files)
        room = BillMails(desk.steps, desk.vault, storage, mails, load().mailbox, limit_bytes=1_000_000)
        return room, mails

    yield make
    storage.close()
    settings.cache_clear()


async def files_of(desk) -> list[StatementFile]:
    async with desk.steps.sessions.begin() as session:
        found = await session.scalars(select(StatementFile).where(StatementFile.channel == "mailbox"))
        return list(found)


async def test_p25_a_bill_with_a_password_waits_for_it_and_the_owner_is_asked(desk, taking):
    room, mails = taking(("微信支付账单.zip", sealed_zip()), ("readme.html", b"<html>"))
    mail = MailToTake("m-1", desk.application_id)
    assert await room.take_mail(mail) == MailTaken("taken", 1, 1)
    assert await room.take_mail(mail) == MailTaken("taken", 1, 1)
    assert mails.fetched == 1, "a mail that was taken is not fetched again"
    [file] = await files_of(desk)
    assert (file.state, file.channel) == ("locked", "mailbox")
    async with desk.steps.sessions.begin() as session:
        assert (await session.scalars(select(Notice.kind))).all().count("mail_locked") == 1
        assert not (await session.scalars(select(Command))).all(), "nothing is read before its password"


async def test_a_bill_without_a_password_is_read_like_an_uploaded_one(desk, taking):
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("bill.csv", CSV)
    room, _ = taking(("bill.zip", plain.getvalue()), ("bill.csv", CSV), ("again.csv", CSV))
    assert await room.take_mail(MailToTake("m-2", desk.application_id)) == MailTaken("taken", 2, 0)
    async with desk.steps.sessions.begin() as session:
        commands = (await session.scalars(select(Command))).all()
    assert {command.name for command in commands} == {"add_statement"}
    assert {command.argument["file_id"] for command in commands} == {str(file.id) for file in await files_of(desk)}


async def test_a_mail_that_holds_nothing_or_is_gone_is_left_with_a_reason(desk, taking):
    empty, _ = taking(("signature.p7s", b"x"))
    assert (await empty.take_mail(MailToTake("m-3", desk.application_id))).problem == "no_bill_in_it"
    gone, _ = taking()
    assert (await gone.take_mail(MailToTake("m-4", desk.application_id))).problem == "unknown_mail"
    assert (await gone.give_up_mail(MailToTake("m-5", desk.application_id))).problem == "gateway_silent"
    async with desk.steps.sessions.begin() as session:
        told = (await session.scalars(select(TimelineEvent.params).where(TimelineEvent.kind == "mail_left"))).all()
    assert {one["mail_problem"] for one in told} == {"no_bill_in_it", "unknown_mail", "gateway_silent"}
    assert await files_of(desk) == []


async def test_nothing_is_fetched_that_the_owner_does_not_allow_or_that_comes_too_late(desk, taking):
    room, mails = taking(("bill.csv", CSV))
    async with desk.steps.sessions.begin() as session:
        given = await permissions.closed(session, desk.person_id, NOW)
        assert Purpose.FLOWS_ANALYSIS not in given
        consents = (await session.execute(select(permissions.Consent))).scalars().all()
        for consent in consents:
            await permissions.withdraw(session, consent.id, desk.person_id, NOW)
    with pytest.raises(ConsentMissing):
        await room.take_mail(MailToTake(uuid4().hex, desk.application_id))
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(stage="funded"))
    assert (await room.take_mail(MailToTake(uuid4().hex, desk.application_id))).problem == "mailbox_closed"
    assert mails.fetched == 0
