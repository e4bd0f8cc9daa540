"""``huoshui contract verify``: what it says of a contract as signed, of one that was touched, and of other files."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
import typst
from click.testing import CliRunner, Result

from activities.signatures import Act, Signatures
from gateways.authority import HttpAuthority
from ops.commands.contract import contract
from simulators.authority import AuthorityParty

ACT = Act(
    number="HS-1042",
    terms_hash="ab" * 32,
    signer="李秀英",
    evidence={"code_id": "c1"},
)


def ran(*args: str) -> Result:
    return CliRunner().invoke(contract, ["verify", *args])


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A signed contract and the root to trust."""
    folder = tmp_path_factory.mktemp("signed")

    async def make() -> None:
        party = AuthorityParty(folder)
        await party.start()
        transport = httpx2.ASGITransport(app=party.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://authority") as client:
            signatures = Signatures(HttpAuthority(client, deadline=5), bytes(range(32)), "活水小额贷款")
            paper = typst.compile("= 借款合同".encode(), format="pdf", pdf_standards="a-2b")
            (folder / "contract.pdf").write_bytes(await signatures.on(paper, ACT))
            (folder / "draft.pdf").write_bytes(paper)
            (folder / "root.pem").write_bytes((await client.get("root.pem")).content)
        await party.stop()

    asyncio.run(make())
    return folder / "contract.pdf", folder / "root.pem"


def test_a_contract_as_signed_says_who_and_when_and_of_which_terms(signed: tuple[Path, Path]) -> None:
    file, root = signed
    said = ran(str(file), "--root", str(root))
    assert said.exit_code == 0, said.output
    assert "as it was signed" in said.output
    for told in ("Huoshui-Lender: 活水小额贷款, 20", "Huoshui-Borrower: 李秀英, 20", "HS-1042 SHA-256 abab"):
        assert told in said.output
    machine = json.loads(ran(str(file), "--root", str(root), "--json").stdout)
    assert machine["files"][0]["good"] is True
    assert [one["good"] for one in machine["files"][0]["signatures"]] == [True, True]


def test_a_touched_contract_and_an_unsigned_paper_end_with_one_and_the_reason(
    signed: tuple[Path, Path], tmp_path: Path
) -> None:
    file, root = signed
    touched, data = tmp_path / "touched.pdf", bytearray(file.read_bytes())
    data[1_000] ^= 1
    touched.write_bytes(data)
    said = ran(str(touched), "--root", str(root))
    assert (said.exit_code, "what was signed has been changed" in said.output) == (1, True), said.output
    said = ran(str(file.parent / "draft.pdf"), "--root", str(root))
    assert (said.exit_code, "nobody signed this file" in said.output) == (1, True), said.output
    said = ran(str(file), str(touched), "--root", str(root), "--json")
    assert said.exit_code == 1
    assert [one["good"] for one in json.loads(said.stdout)["files"]] == [True, False]


def test_a_contract_that_only_one_side_signed_is_not_concluded(signed: tuple[Path, Path], tmp_path: Path) -> None:
    """The lender's revision alone, cut off before the borrower's signature was added."""
    file, root = signed
    data, paper = file.read_bytes(), (file.parent / "draft.pdf").read_bytes()
    first_end = data.index(b"%%EOF", len(paper)) + len(b"%%EOF\n")
    half = tmp_path / "half.pdf"
    half.write_bytes(data[:first_end])
    said = ran(str(half), "--root", str(root), "--json")
    told = json.loads(said.stdout)["files"][0]
    assert (said.exit_code, told["good"], [one["good"] for one in told["signatures"]]) == (1, False, [True])


def test_what_cannot_be_read_is_one_line_and_two(signed: tuple[Path, Path], tmp_path: Path) -> None:
    file, root = signed
    note = tmp_path / "note.txt"
    note.write_text("hello")
    for args in ([str(note), "--root", str(root)], [str(file), "--root", str(note)], [str(tmp_path / "none.pdf")], []):
        said = ran(*args)
        assert said.exit_code == 2, (args, said.output)
        assert "Traceback" not in said.output
    assert "no PDF" in ran(str(note), "--root", str(root)).output
    assert "no certificate" in ran(str(file), "--root", str(note)).output


def test_outside_the_folder_it_asks_for_the_root_in_one_line_and_for_no_settings(
    signed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUOSHUI_ENV_FILE", raising=False)
    monkeypatch.setenv("HUOSHUI_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    said = ran(str(signed[0]))
    assert (said.exit_code, said.output.count("\n")) == (1, 1), said.output
    assert "--root FILE" in said.output and "HUOSHUI_" not in said.output
    assert ran(str(signed[0]), "--root", str(signed[1])).exit_code == 0
