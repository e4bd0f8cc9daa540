import os
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from infra.settings import Settings
from infra.storage import ObjectExists, ObjectMissing, Storage, StorageUnavailable
from ops.stack.s3 import S3Server


@pytest.fixture(scope="module")
async def storage(s3: S3Server, settings_for: Callable[..., Settings]) -> AsyncIterator[Storage]:
    made = Storage(settings_for(s3=s3))
    await made.ensure_bucket()
    await made.ensure_bucket()  # a second process finds it made
    yield made
    made.close()


async def test_what_is_put_is_got_with_its_hash_and_size(storage: Storage) -> None:
    data = os.urandom(100_000)
    stored = await storage.put("papers/a", data, "application/pdf")
    assert (stored.key, stored.size, len(stored.sha256)) == ("papers/a", 100_000, 64)
    assert await storage.get("papers/a") == data


async def test_the_same_bytes_again_are_done_already_and_other_bytes_are_refused(storage: Storage) -> None:
    first = await storage.put("papers/b", b"one", "text/plain")
    assert await storage.put("papers/b", b"one", "text/plain") == first
    with pytest.raises(ObjectExists):
        await storage.put("papers/b", b"two", "text/plain")
    assert await storage.get("papers/b") == b"one"


async def test_a_missing_object_is_said_to_be_missing(storage: Storage) -> None:
    with pytest.raises(ObjectMissing):
        await storage.get("papers/none")


async def test_what_lies_on_the_disk_is_not_what_was_put(storage: Storage, s3: S3Server) -> None:
    canary = os.urandom(64)  # incompressible, so that it would be found as it is
    await storage.put("papers/canary", canary * 50, "application/octet-stream")
    assert [path for path in s3.folder.rglob("*") if path.is_file() and canary in path.read_bytes()] == []


async def test_a_link_downloads_under_the_given_name_and_only_this_object(storage: Storage) -> None:
    await storage.put("papers/c", b"contract", "application/pdf")
    link = await storage.presign("papers/c", "合同 2026.pdf", seconds=60)
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(link)
        assert answer.content == b"contract"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "filename*=UTF-8''%E5%90%88%E5%90%8C%202026.pdf" in answer.headers["Content-Disposition"]
        assert (await browser.get(link.replace("papers/c", "papers/b"))).status_code == 403
        assert (await browser.get(link.split("?")[0])).status_code == 403


@pytest.mark.parametrize("seconds", [0, 301])
async def test_a_link_lives_five_minutes_at_most(storage: Storage, seconds: int) -> None:
    with pytest.raises(ValueError, match="1 to 300 seconds"):
        await storage.presign("papers/c", "x.pdf", seconds=seconds)


async def test_a_store_that_is_away_is_said_to_be_away(settings_for: Callable[..., Settings]) -> None:
    nowhere = Storage(settings_for())
    with pytest.raises(StorageUnavailable):
        await nowhere.put("papers/d", b"x", "text/plain")
    assert await nowhere.reachable() is False
    nowhere.close()
