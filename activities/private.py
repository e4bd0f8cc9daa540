"""Opening what is sealed, for one errand at a time."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import payees, people, proofs
from db.tables import Application, Firm, NamedPayee, Person, StatementFile
from infra.crypto import PersonKey, Vault
from lending.identity import CheckKind


@dataclass(frozen=True)
class Owner:
    """A person in clear, for as long as an errand takes; never logged."""

    id: UUID
    locale: str
    phone: str = field(repr=False)
    name: str = field(repr=False)
    id_number: str = field(repr=False)


class Private:
    """Opens and seals fields with the person's own key. Raises ``db.people.PersonErased`` when the key is gone."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def owner(self, session: AsyncSession, person_id: UUID) -> Owner:
        """Who the person is; empty texts for what they have not told yet."""
        person = await session.get_one(Person, person_id)
        return self._opened(person, await people.key_of(session, self._vault, person_id))

    async def applicant(self, session: AsyncSession, application_id: UUID) -> tuple[Owner, PersonKey]:
        """Who applies, and their key: for sealing what an errand brings back without a second look."""
        person, key = await people.applicant(session, self._vault, application_id)
        return self._opened(person, key), key

    async def firm_of_application(
        self, session: AsyncSession, application_id: UUID, key: PersonKey
    ) -> tuple[str | None, str | None]:
        """The name and the credit code of the firm that applies; None for what it does not have."""
        firm = await people.applying_firm(session, application_id)
        if firm is None:
            return None, None
        name = self._vault.open(key, people.FIRM_NAME, firm.id, firm.name_sealed)
        sealed = firm.licence_sealed
        return name, self._vault.open(key, people.LICENCE, firm.id, sealed) if sealed else None

    def _opened(self, person: Person, key: PersonKey) -> Owner:
        def opened(column: str, sealed: bytes | None) -> str:
            return self._vault.open(key, f"person.{column}", person.id, sealed) if sealed else ""

        return Owner(
            id=person.id,
            locale=person.locale,
            phone=opened("phone", person.phone_sealed),
            name=opened("name", person.name_sealed),
            id_number=opened("id_number", person.id_number_sealed),
        )

    async def account_number(self, session: AsyncSession, account_id: UUID) -> str:
        """The number of a bank account."""
        return await people.account_number(session, self._vault, account_id)

    async def named_payee(self, session: AsyncSession, payee_id: UUID) -> tuple[str, str]:
        """The name and the account number of a seller whom an owner named."""
        return await payees.opened(session, self._vault, await session.get_one(NamedPayee, payee_id))

    async def firm_name(self, session: AsyncSession, firm: Firm) -> str:
        """The name of a firm."""
        return await self.open(session, firm.person_id, "firm.name", firm.id, firm.name_sealed)

    async def file_name(self, session: AsyncSession, file: StatementFile) -> str:
        """The name that an uploaded file came with."""
        return await self.open(session, file.person_id, people.FILE_NAME, file.id, file.name_sealed)

    async def counterparties(
        self, session: AsyncSession, person_id: UUID, firm_id: UUID, names: dict[bytes, str]
    ) -> dict[bytes, bytes]:
        """Counterparties' names sealed with the owner's key, each for its place."""
        key = await people.key_of(session, self._vault, person_id)
        return {
            one: self._vault.seal(key, people.COUNTERPARTY, people.counterparty_place(firm_id, one), name)
            for one, name in names.items()
        }

    async def licence(self, session: AsyncSession, firm: Firm) -> str | None:
        """The firm's credit code (统一社会信用代码), if it has one."""
        if firm.licence_sealed is None:
            return None
        return await self.open(session, firm.person_id, "firm.licence", firm.id, firm.licence_sealed)

    async def proven_by(self, session: AsyncSession, application: Application) -> dict[CheckKind, bytes]:
        """What each identity check of an application proves, as keyed hashes."""
        return await proofs.about(
            session,
            self._vault,
            application.person_id,
            account_id=application.bank_account_id,
            firm_id=application.firm_id,
        )

    async def proven_of(
        self, session: AsyncSession, person_id: UUID, firm_id: UUID | None = None
    ) -> dict[CheckKind, bytes]:
        """The same of somebody who has no account here; ``firm_id``: for which firm they speak, if for any."""
        return await proofs.about(session, self._vault, person_id, account_id=None, firm_id=firm_id)

    async def seal(self, session: AsyncSession, person_id: UUID, column: str, row_id: UUID, text: str) -> bytes:
        """Seal a text for its place."""
        return self.sealed(await people.key_of(session, self._vault, person_id), column, row_id, text)

    def sealed(self, key: PersonKey, column: str, row_id: UUID, text: str) -> bytes:
        """A text sealed for its place with a key that an errand holds."""
        return self._vault.seal(key, column, row_id, text)

    async def open(self, session: AsyncSession, person_id: UUID, column: str, row_id: UUID, sealed: bytes) -> str:
        """The text of a sealed field."""
        return self._vault.open(await people.key_of(session, self._vault, person_id), column, row_id, sealed)
