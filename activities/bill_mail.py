"""Mails with bills: their files kept like uploaded ones, locked until the owner gives the password."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from temporalio import activity

from activities import allowing
from activities.ports import bill_mail as port
from activities.ports.bill_mail import MailTaken, MailToTake
from activities.steps import Step, Steps
from db import clocks, commands, intake, people
from gateways.failures import GatewayRefused
from gateways.messages import MailGateway
from infra.crypto import Vault
from infra.storage import Storage
from infra.unlocking import locked
from lending.applications import Stage
from lending.checklist import BILL_ENDINGS
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.mailboxes import OPEN
from policies.mailbox import MailboxFile


@dataclass(frozen=True, slots=True)
class _File:
    id: UUID
    name: str
    size: int
    sha256: str
    object_key: str
    locked: bool


class BillMails(port.BillMails):
    """Takes mails."""

    def __init__(
        self, steps: Steps, vault: Vault, storage: Storage, mails: MailGateway, policy: MailboxFile, *, limit_bytes: int
    ) -> None:
        self._steps = steps
        self._vault = vault
        self._storage = storage
        self._mails = mails
        self._policy = policy
        self._limit = limit_bytes

    @activity.defn
    async def take_mail(self, mail: MailToTake) -> MailTaken:
        """Nothing is kept that the owner does not allow, or that came after the mailbox was closed."""
        cause = derived_id("mail", mail.mail_id)
        async with self._steps.step(mail.application_id, cause, "mail_came", "mail_left") as step:
            if step.done:
                return await _as_taken(step, cause)
            if Stage(step.stage) not in OPEN:
                return await _left(step, "mailbox_closed")
            await allowing.require(step.session, step.application.person_id, Purpose.FLOWS_ANALYSIS, step.now)
        try:
            files = await self._fetch(mail)
        except GatewayRefused as refused:
            async with self._steps.step(mail.application_id, cause, "mail_came", "mail_left") as step:
                return await _as_taken(step, cause) if step.done else await _left(step, refused.code)
        async with self._steps.step(mail.application_id, cause, "mail_came", "mail_left") as step:
            if step.done:
                return await _as_taken(step, cause)
            if not files:
                return await _left(step, "no_bill_in_it")
            return await self._keep(step, files)

    @activity.defn
    async def give_up_mail(self, mail: MailToTake) -> MailTaken:
        """No owner waits for a mail that does not come."""
        cause = derived_id("mail", mail.mail_id)
        async with self._steps.step(mail.application_id, cause, "mail_came", "mail_left") as step:
            return await _as_taken(step, cause) if step.done else await _left(step, "gateway_silent")

    async def _fetch(self, mail: MailToTake) -> list[_File]:
        """What is attached and may be a bill, in the store under ids of its place in the mail."""
        found: list[_File] = []
        for attached in (await self._mails.attachments(mail.mail_id))[: self._policy.files_at_most]:
            if not attached.name.lower().endswith(BILL_ENDINGS) or not 0 < attached.size <= self._limit:
                continue
            data = await self._mails.attachment(mail.mail_id, attached.n, self._limit)
            file_id = derived_id("mail-file", f"{mail.mail_id}/{attached.n}")
            put = await self._storage.put(f"statements/{file_id}", data, "application/octet-stream")
            digest = sha256(data).hexdigest()
            found.append(_File(file_id, attached.name, len(data), digest, put.key, locked(data)))
        return found

    async def _keep(self, step: Step, files: list[_File]) -> MailTaken:
        application = step.application
        if application.firm_id is None:
            return await _left(step, "mailbox_closed")
        key = await people.key_of(step.session, self._vault, application.person_id)
        kept: list[_File] = []
        for file in files:
            added = await intake.add_file(
                step.session,
                file_id=file.id,
                application_id=application.id,
                person_id=application.person_id,
                firm_id=application.firm_id,
                name_sealed=self._vault.seal(key, people.FILE_NAME, file.id, file.name),
                size=file.size,
                sha256=file.sha256,
                object_key=file.object_key,
                now=step.now,
                channel="mailbox",
                state="locked" if file.locked else "received",
            )
            if added:
                kept.append(file)
                if not file.locked:
                    await self._have_it_read(step, file)
        shut = sum(file.locked for file in kept)
        step.stay()
        await step.tell("mail_came", files=len(kept), locked=shut)
        if kept:
            await step.notify("mail_locked" if shut else "mail_came", n=len(kept))
        return MailTaken("taken", len(kept), shut)

    async def _have_it_read(self, step: Step, file: _File) -> None:
        """The same command that an upload gives: the relay says it to the application."""
        command_id = derived_id("mail-command", str(file.id))
        wall = step.clock.real_now
        await commands.add_command(
            step.session,
            command_id=command_id,
            workflow_type="Application",
            workflow_id=clocks.workflow_of("application", step.application.id),
            name="add_statement",
            argument={"command_id": str(command_id), "file_id": str(file.id)},
            detail=None,
            start=None,
            principal="mailbox",
            now=wall,
            next_attempt_at=wall,
        )


async def _left(step: Step, problem: str) -> MailTaken:
    """The owner reads why nothing came of a mail."""
    step.stay()
    await step.tell("mail_left", mail_problem=problem)
    return MailTaken("left", problem=problem)


async def _as_taken(step: Step, cause: UUID) -> MailTaken:
    """What an earlier attempt told."""
    told = await intake.told_of_mail(step.session, cause)
    if "mail_problem" in told:
        return MailTaken("left", problem=str(told["mail_problem"]))
    return MailTaken("taken", int(told.get("files", 0)), int(told.get("locked", 0)))
