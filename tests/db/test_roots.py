"""Roots: what cut the chains off, or wrote them anew, contradicts what was signed."""

import base64
import json
from typing import Any

import pytest

from db import roots
from infra.signing import NoKey, Signer, signed_by
from infra.storage import ObjectMissing
from worker.background import sealer


async def at_once(notary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "A_ROOT_EVERY", 0.0)
    await notary.round()


def found(command: Any, *words: str) -> tuple[int, dict[str, Any]]:
    answer = command("audit", "verify", "--json", *words)
    assert answer.stdout, answer.stderr
    return answer.returncode, json.loads(answer.stdout)


async def test_a_root_is_signed_once_an_hour_and_lies_in_the_store(book: Any, notary: Any) -> None:
    await notary.round()
    await notary.round()
    ((statement, signature, key),) = book.rows("select statement, signature, object_key from audit_root")
    told = json.loads(statement)
    assert (told["n"], told["previous"]) == (1, None)
    assert told["audit"]["position"] == told["journal"]["position"] == 12
    public = Signer(bytes(range(32))).public
    assert signed_by(public, statement.encode(), signature)
    assert roots.unpacked(await notary._storage.get(key)) == (statement, signature)


async def test_the_next_root_names_the_one_before_and_nothing_new_needs_no_root(
    book: Any, notary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_once(notary, monkeypatch)
    await at_once(notary, monkeypatch)
    async with book.sessions.begin() as session:
        await book.act(session, 99)
    await book.seal()
    await at_once(notary, monkeypatch)
    (first, second) = [json.loads(row[0]) for row in book.rows("select statement from audit_root order by n")]
    assert second["previous"] == roots.digest(json.dumps(first, sort_keys=True, separators=(",", ":")))
    assert second["audit"]["position"] == 13


async def test_a_system_that_nobody_touched_is_whole(command: Any, notary: Any) -> None:
    await notary.round()
    code, told = found(command)
    faults = [fault for fault in told["faults"] if fault["kind"] != "untied"]  # the book's loan is made up
    assert faults == []
    assert told["roots"] == {"signed": 1, "compared_with_the_store": True}
    assert (code, told["audit"]["rows"], told["journal"]["rows"]) == (1, 12, 12)


CUT_OFF = {
    "rows and seals of the audit trail": (
        ["delete from audit where id > 10", "delete from audit_seal where position > 10"],
        "audit_chain_is_shorter_than_signed",
    ),
    "the whole audit trail": (["truncate audit, audit_seal"], "audit_chain_is_shorter_than_signed"),
    "the journal": (["truncate entry, posting, journal_seal"], "journal_chain_is_shorter_than_signed"),
    "a stretch at the end": (["delete from journal_seal where n = 3"], "journal_chain_is_shorter_than_signed"),
}


@pytest.mark.parametrize("what", CUT_OFF)
async def test_an_end_that_was_cut_off_contradicts_the_root(book: Any, notary: Any, command: Any, what: str) -> None:
    await notary.round()
    statements, note = CUT_OFF[what]
    book.tamper(*statements)
    code, told = found(command)
    assert code == 1
    assert ("audit_root", "1", note) in {(fault["table"], fault["row"], fault["note"]) for fault in told["faults"]}


async def test_a_chain_that_was_written_anew_contradicts_the_root(book: Any, notary: Any, command: Any) -> None:
    """With the seals gone a sealer chains the changed rows again, and the new chain is whole in itself."""
    await notary.round()
    book.tamper("truncate audit_seal, journal_seal", "update audit set actor = 'nobody' where id = 6")
    await book.seal()
    _, told = found(command)
    notes = {fault["note"] for fault in told["faults"] if fault["table"] == "audit_root"}
    assert notes == {"audit_chain_says_another_hash"}


@pytest.mark.parametrize(
    ("statement", "note"),
    [
        ("update audit_root set statement = replace(statement, '12', '11')", "signature_is_not_ours"),
        ("update audit_root set signature = '\\x00'", "signature_is_not_ours"),
        ("delete from audit_root", "only_the_store_has_it"),
        ("update audit_root set object_key = 'elsewhere'", "the_store_lacks_it"),
        ("update audit_root set n = 2", "a_root_before_it_is_gone"),
    ],
)
async def test_a_root_that_was_touched_is_found(
    book: Any, notary: Any, command: Any, statement: str, note: str
) -> None:
    await notary.round()
    book.tamper(statement)
    _, told = found(command)
    assert note in {fault["note"] for fault in told["faults"] if fault["table"] == "audit_root"}


async def test_another_key_signed_nothing_here(notary: Any, command: Any) -> None:
    await notary.round()
    stranger = Signer(bytes(32)).public
    _, told = found(command, "--public-key", stranger)
    assert {fault["note"] for fault in told["faults"] if fault["table"] == "audit_root"} == {"signature_is_not_ours"}
    answer = command("audit", "verify", "--public-key", "short")
    assert (answer.returncode, "32 bytes" in answer.stderr) == (2, True)
    with pytest.raises(NoKey):
        signed_by("!", b"", b"")


async def test_after_a_crash_between_store_and_database_the_stores_words_stand(
    book: Any, notary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notary.round()
    kept = book.rows("select statement, signature from audit_root")
    book.tamper("delete from audit_root")
    await notary.round()
    assert book.rows("select statement, signature from audit_root") == kept


async def test_words_of_a_stranger_in_the_store_are_not_taken_for_ours(book: Any, notary: Any) -> None:
    stranger = Signer(bytes(32))
    words = '{"n":1}'
    await notary._storage.put(roots.object_key(1), roots.packed(words, stranger.sign(words.encode())), "text/plain")
    await notary.round()
    assert book.rows("select count(*) from audit_root") == [(0,)]
    with pytest.raises(ObjectMissing):
        await notary._storage.get(roots.object_key(2))


def test_a_person_reads_where_and_what(book: Any, command: Any, notary: Any) -> None:
    book.tamper("update audit set actor = 'nobody' where id = 6")
    answer = command("audit", "verify", "--offline")
    assert answer.returncode == 1
    assert "audit 6: changed (place 6 in the chain; –)" in answer.stdout
    assert "12 rows sealed" in answer.stdout
    assert "not compared with the store" in answer.stdout
    chinese = command("audit", "verify", "--offline", HUOSHUI_DEFAULT_LOCALE="zh_CN")
    assert chinese.returncode == 1


def test_the_public_key_is_shown(command: Any) -> None:
    shown = command("audit", "key").stdout.strip()
    assert shown == Signer(bytes(range(32))).public
    assert len(base64.b64decode(shown)) == 32


def test_a_system_that_is_not_there_is_told_in_one_line(command: Any) -> None:
    answer = command("audit", "verify", HUOSHUI_DATABASE_URL="postgresql+psycopg://nobody:none@127.0.0.1:1/none")
    assert answer.returncode == 1
    assert answer.stderr == "Error: the database is not reached: OperationalError; does it run?\n"
    unreached = command("audit", "verify", HUOSHUI_S3_ENDPOINT="http://127.0.0.1:1")
    assert (unreached.returncode, "--offline" in unreached.stderr) == (1, True)
