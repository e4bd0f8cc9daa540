"""SeaweedFS in one process, as an S3 store: private, with one identity, on the loopback address only."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ops.stack.binaries import program_path
from ops.stack.ports import HOST
from ops.stack.probes import http_status
from ops.stack.programs import Program

PORTS = 8  # s3, master, volume, filer, and the gRPC port of each
ADMIN_GRPC_ABOVE = 10_000  # the parts inside look for it there, whatever its flag says
# Where Go's collector begins to work harder. Near what it holds at rest (115 MiB) it would work without end: measured,
# a limit of 120 MiB costs a quarter of a core.
MEMORY_LIMIT = "320MiB"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    folder: Path
    log: Path
    port: int  # and the seven above it
    admin_port: int  # and the one 10,000 above it
    access_key: str
    secret_key: str
    encryption_key: str  # hex, 32 bytes: what the objects are sealed with

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def program(self) -> Program:
        names = ("s3", "master", "volume", "filer")
        ports = [
            f"-{name}.port{kind}={self.port + 2 * n + (kind != '')}"
            for n, name in enumerate(names)
            for kind in ("", ".grpc")
        ]
        return Program(
            name="s3",
            argv=(
                str(program_path("weed")),
                "mini",
                f"-dir={self.folder}",
                f"-ip={HOST}",
                f"-ip.bind={HOST}",
                *ports,
                *(f"-admin.port={self.admin_port}", f"-admin.port.grpc={self.admin_port + ADMIN_GRPC_ABOVE}"),
                *("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"),
                *("-master.telemetry=false", "-master.volumeSizeLimitMB=256", "-s3.autoCreateBucket=false"),
                *("-volume.id=huoshui", "-volume.preStopSeconds=0", f"-s3.config={self._identities}"),
                *(f"-s3.localSocket={self.folder}/s3.sock", f"-filer.localSocket={self.folder}/filer.sock"),
            ),
            env={
                "HOME": str(self.folder),
                "PATH": "/usr/bin:/bin",
                "GOMEMLIMIT": MEMORY_LIMIT,
                "WEED_S3_SSE_KEK": self.encryption_key,
            },
            log=self.log,
            cwd=self.folder,
            ready=lambda: http_status(self.port, "/healthz") == 200,
            before_start=self._write_identities,
            address=self.endpoint,
        )

    @property
    def _identities(self) -> Path:
        return self.folder / "identities.json"

    def _write_identities(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What an earlier start chose (ports of then) would win over nothing, but confuses who reads it.
        (self.folder / "mini.options").unlink(missing_ok=True)
        credentials = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        identity = {
            "name": "huoshui",
            "credentials": credentials,
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        with os.fdopen(os.open(self._identities, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"identities": [identity]}, file)
