import base64
import os
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from infra.crypto import PersonKey, SealBroken, UnknownKey, Vault, WrappedKey
from infra.settings import Settings

ROW = UUID("6a1f7c1e-1111-4222-8333-444455556666")
COLUMN = "person.id_number"
CANARY = "11010519491231002X"


@pytest.fixture(scope="module")
def vault(plain_settings: Settings) -> Vault:
    return Vault(plain_settings)


@pytest.fixture(scope="module")
def person(vault: Vault) -> PersonKey:
    return vault.unwrap(vault.new_person_key())


def test_a_sealed_field_opens_in_its_place_and_does_not_show_its_text(vault: Vault, person: PersonKey) -> None:
    sealed = vault.seal(person, COLUMN, ROW, CANARY)
    assert CANARY.encode() not in sealed
    assert vault.open(person, COLUMN, ROW, sealed) == CANARY


def test_the_same_text_sealed_twice_looks_different(vault: Vault, person: PersonKey) -> None:
    assert vault.seal(person, COLUMN, ROW, CANARY) != vault.seal(person, COLUMN, ROW, CANARY)


@pytest.mark.parametrize(
    ("column", "row"), [("person.name", ROW), (COLUMN, uuid4())], ids=["another column", "another row"]
)
def test_a_sealed_field_moved_elsewhere_is_refused(vault: Vault, person: PersonKey, column: str, row: UUID) -> None:
    sealed = vault.seal(person, COLUMN, ROW, CANARY)
    with pytest.raises(SealBroken):
        vault.open(person, column, row, sealed)


def test_a_field_of_another_person_is_refused(vault: Vault, person: PersonKey) -> None:
    other = vault.unwrap(vault.new_person_key())
    with pytest.raises(SealBroken, match="another person"):
        vault.open(other, COLUMN, ROW, vault.seal(person, COLUMN, ROW, CANARY))


def test_any_changed_byte_is_refused(vault: Vault, person: PersonKey) -> None:
    sealed = vault.seal(person, COLUMN, ROW, CANARY)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x01
        with pytest.raises(SealBroken) as refused:
            vault.open(person, COLUMN, ROW, bytes(changed))
        assert CANARY not in str(refused.value)


@given(cut=st.integers(min_value=0, max_value=60))
def test_a_field_cut_short_is_refused(vault: Vault, person: PersonKey, cut: int) -> None:
    sealed = vault.seal(person, COLUMN, ROW, CANARY)
    with pytest.raises(SealBroken):
        vault.open(person, COLUMN, ROW, sealed[: min(cut, len(sealed) - 1)])


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_text_returns_as_it_was(vault: Vault, person: PersonKey, text: str) -> None:
    assert vault.open(person, COLUMN, ROW, vault.seal(person, COLUMN, ROW, text)) == text


def test_a_changed_wrapped_key_is_refused(vault: Vault) -> None:
    wrapped = vault.new_person_key()
    with pytest.raises(SealBroken):
        vault.unwrap(WrappedKey(wrapped.bytes[:-1] + bytes([wrapped.bytes[-1] ^ 1]), wrapped.key_id))


def test_a_persons_key_survives_the_rotation_of_the_key_that_wraps_it(plain_settings: Settings) -> None:
    before = Vault(plain_settings)
    wrapped = before.new_person_key()
    sealed = before.seal(before.unwrap(wrapped), COLUMN, ROW, CANARY)
    rotated = plain_settings.model_copy(
        update={
            "key_encryption_key": SecretStr(base64.b64encode(os.urandom(32)).decode()),
            "key_encryption_key_id": "kek-2",
            "retired_keys": {"kek-1": plain_settings.key_encryption_key},
        }
    )
    after = Vault(rotated)
    rewrapped = after.rewrap(wrapped)
    assert rewrapped.key_id == "kek-2"
    assert after.open(after.unwrap(rewrapped), COLUMN, ROW, sealed) == CANARY
    without_old = Vault(rotated.model_copy(update={"retired_keys": {}}))
    assert without_old.open(without_old.unwrap(rewrapped), COLUMN, ROW, sealed) == CANARY
    with pytest.raises(UnknownKey, match="kek-1"):
        without_old.unwrap(wrapped)


def test_a_key_does_not_show_in_its_repr(person: PersonKey) -> None:
    assert repr(person.key) not in repr(person)
    assert person.id in repr(person)


def test_a_blind_index_is_equal_for_equal_values_only_within_one_column(vault: Vault) -> None:
    index = vault.blind_index("person.phone", "13800138000")
    assert len(index) == 16
    assert index == vault.blind_index("person.phone", "１３８００１３８０００ "), "full-width digits are the same phone"
    assert vault.blind_index(COLUMN, "11010519491231002x") == vault.blind_index(COLUMN, CANARY)
    assert index != vault.blind_index("person.phone", "13800138001")
    assert index != vault.blind_index("payee.phone", "13800138000")


def test_a_blind_index_needs_the_index_key(vault: Vault, plain_settings: Settings) -> None:
    stranger = Vault(
        plain_settings.model_copy(update={"index_key": SecretStr(base64.b64encode(os.urandom(32)).decode())})
    )
    assert vault.blind_index("person.phone", "13800138000") != stranger.blind_index("person.phone", "13800138000")
