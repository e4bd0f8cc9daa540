"""Objects in an S3 store: private, encrypted by the store, versioned, never overwritten.

A key is written once. Writing the same bytes again says "done already"; other bytes under the same key are refused.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import boto3  # pyright: ignore[reportMissingTypeStubs]
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

from infra.settings import Settings

PRESIGN_LIMIT_SECONDS = 300
THREADS = 8  # boto3 blocks; eight parallel transfers fill the link of one machine
MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchBucket"}
EXISTS = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}


class StorageUnavailable(Exception):
    """The store did not answer, or answered with a fault of its own: try again."""

    code = "storage_unavailable"


class ObjectMissing(Exception):
    """No object under this key."""

    code = "object_missing"


class ObjectExists(Exception):
    """Other bytes lie under this key already."""

    code = "object_exists"


class NotEncrypted(Exception):
    """The store accepted an object without encrypting it: it is set up wrongly, and nothing more may be written."""

    code = "storage_not_encrypted"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Where an object lies, the hex SHA-256 of its bytes, and how many they are."""

    key: str
    sha256: str
    size: int


class Storage:
    """One bucket. Keys are random or derived from ids, and carry no personal data."""

    def __init__(self, settings: Settings) -> None:
        self.bucket = settings.s3_bucket
        self._client: Any = _client(settings, settings.s3_endpoint)
        public = settings.s3_public_endpoint
        self._public: Any = _client(settings, public) if public else self._client
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")

    async def ensure_bucket(self) -> None:
        """Creates the bucket, versioned, if it is not there."""
        try:
            await self._call(lambda: self._client.head_bucket(Bucket=self.bucket))
        except ObjectMissing:
            # Two processes may start at once: the second finds it made.
            made = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
            await self._call(lambda: self._client.create_bucket(Bucket=self.bucket), done_already=made)
        versioning = {"Status": "Enabled"}
        await self._call(
            lambda: self._client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration=versioning)
        )

    async def put(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Stores ``data`` under a new key.

        Raises :class:`ObjectExists` when other bytes lie there, :class:`NotEncrypted`, :class:`StorageUnavailable`.
        """
        digest = hashlib.sha256(data).hexdigest()
        stored = StoredObject(key=key, sha256=digest, size=len(data))
        try:
            answer = await self._call(
                lambda: self._client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=data,
                    ContentType=content_type,
                    Metadata={"sha256": digest},
                    ServerSideEncryption="AES256",
                    IfNoneMatch="*",
                )
            )
        except ObjectExists:
            # A retry after a lost answer meets its own first try here.
            there = await self._call(lambda: self._client.head_object(Bucket=self.bucket, Key=key))
            if there.get("Metadata", {}).get("sha256") == digest:
                return stored
            raise
        if answer.get("ServerSideEncryption") != "AES256":
            raise NotEncrypted("the store did not confirm server-side encryption")
        return stored

    async def get(self, key: str) -> bytes:
        """The bytes under ``key``, as they are; the caller compares their hash with its row.

        Raises :class:`ObjectMissing`, :class:`StorageUnavailable`.
        """

        def read() -> bytes:
            return self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

        return await self._call(read)

    async def presign(self, key: str, filename: str, seconds: int = PRESIGN_LIMIT_SECONDS) -> str:
        """A link that downloads the object as ``filename``, for at most 300 seconds. Check the right to read first."""
        if not 0 < seconds <= PRESIGN_LIMIT_SECONDS:
            raise ValueError(f"a link lives 1 to {PRESIGN_LIMIT_SECONDS} seconds, not {seconds}")
        disposition = f"attachment; filename=\"document\"; filename*=UTF-8''{quote(filename, safe='')}"
        return await self._call(
            lambda: self._public.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.bucket, "Key": key, "ResponseContentDisposition": disposition},
                ExpiresIn=seconds,
            )
        )

    async def delete(self, key: str) -> None:
        """Hides the newest version of ``key``; earlier ones stay until the store's retention ends."""
        await self._call(lambda: self._client.delete_object(Bucket=self.bucket, Key=key))

    async def destroy(self, key: str) -> None:
        """Removes every version of ``key`` for good; one that is not there is fine."""

        def remove() -> None:
            versions = self._client.list_object_versions(Bucket=self.bucket, Prefix=key)
            for one in (*versions.get("Versions", ()), *versions.get("DeleteMarkers", ())):
                if one["Key"] == key:
                    self._client.delete_object(Bucket=self.bucket, Key=key, VersionId=one["VersionId"])

        await self._call(remove)

    async def reachable(self) -> bool:
        """Whether the store answers for this bucket now."""
        try:
            await self._call(lambda: self._client.head_bucket(Bucket=self.bucket))
        except (StorageUnavailable, ObjectMissing):
            return False
        return True

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _call(self, act: Callable[[], Any], done_already: set[str] | None = None) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        except ClientError as error:
            answer = cast("dict[str, dict[str, Any]]", error.response)  # pyright: ignore[reportUnknownMemberType]
            code = str(answer.get("Error", {}).get("Code", ""))
            status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            if done_already and code in done_already:
                return None
            if code in MISSING:
                raise ObjectMissing("no such object") from None
            if code in EXISTS:
                raise ObjectExists("the key is taken") from None
            if status >= 500 or code in {"SlowDown", "RequestTimeout"}:
                raise StorageUnavailable(f"the store answered {status}") from None
            raise
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(f"the store did not answer: {type(error).__name__}") from None


def _client(settings: Settings, endpoint: str) -> Any:
    return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        "s3",
        endpoint_url=endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=THREADS,
            proxies={},
        ),
    )
