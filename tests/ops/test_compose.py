"""The compose file is the same system as the embedded one, and valid by the specification's own schema."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Settings
from ops.stack import plan, secrets

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def valid(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    result = valid(COMPOSE)
    assert result.returncode == 0, result.stdout


def test_the_check_finds_a_planted_fault(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(
        COMPOSE.read_text(encoding="utf-8").replace("condition: service_healthy", "condition: service_hale")
    )
    assert valid(broken).returncode == 1


def test_it_runs_the_same_parts_as_the_embedded_stack(compose: dict[str, Any], tmp_path: Path) -> None:
    embedded = {program.name for program in plan.make(plan.Wish(data=tmp_path, ports={})).programs}
    assert embedded <= set(compose["services"])


def test_it_sets_every_setting_that_the_embedded_stack_sets(compose: dict[str, Any], tmp_path: Path) -> None:
    programs = {program.name: program for program in plan.make(plan.Wish(data=tmp_path, ports={})).programs}
    known = {f"HUOSHUI_{name.upper()}" for name in Settings.model_fields}
    for name in ("worker", "web", "prepare"):
        embedded = {key for key in programs[name].env if key in known}
        missing = embedded - set(compose["services"][name]["environment"]) - {"HUOSHUI_API_HOST", "HUOSHUI_API_PORT"}
        assert missing - {"HUOSHUI_READY_FILE"} == set(), f"{name} lacks settings"


def test_only_the_preparing_job_holds_the_owners_password_and_the_world_holds_no_key(compose: dict[str, Any]) -> None:
    text = {name: yaml.safe_dump(service) for name, service in compose["services"].items()}
    for name in ("worker", "web", "simulators"):
        assert "OWNER_PASSWORD" not in text[name]
    assert "KEY_ENCRYPTION" not in text["simulators"]
    assert "PAYLOAD_KEY" not in text["simulators"]


def test_every_variable_is_made_by_the_keys_command_and_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    variables = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))
    assert variables - set(secrets.MADE) == {"SPEED"}
    assert re.findall(r"\$\{(?!SPEED)[A-Z0-9_]+:-[^}]+\}", text) == [], "a secret with a default value"


def test_images_have_exact_versions_and_doors_open_on_this_machine_only(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if "build" not in service:
            assert re.search(r":\d+\.\d+", service["image"]), f"{name} floats"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to the network"


def test_our_processes_run_without_privileges(compose: dict[str, Any]) -> None:
    for name in ("prepare", "worker", "web", "simulators"):
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
    assert "USER huoshui" in (ROOT / "Dockerfile").read_text()
