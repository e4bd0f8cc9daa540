"""Archives and passwords: opened once, nothing kept, and what a bomb or a climbing name would do is refused."""

import io
import json
import stat
import zipfile
import zlib

import pytest
import pyzipper
from click.testing import CliRunner

from imports.misreadings import StatementNotUnderstood
from imports.statements import read
from infra import unlocking
from ops.cli import main

PASSWORD = "密码 123456"


def plain(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def sealed(data: bytes, method: str, name: str = "微信支付账单.csv", password: str = PASSWORD) -> bytes:
    out = io.BytesIO()
    if method == "aes":
        kind = {"encryption": pyzipper.WZ_AES}
        with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, **kind) as archive:
            archive.setpassword(password.encode())
            archive.writestr(name, data)
        return out.getvalue()
    return zipcrypto(data, name, password.encode())


def zipcrypto(data: bytes, name: str, password: bytes) -> bytes:
    """An entry under the old cipher, which no library writes any more: PKWARE's APPNOTE 6.1, stored without packing."""
    crc, crc_of = zlib.crc32(data), [_table(n) for n in range(256)]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ crc_of[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ crc_of[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    ciphered = bytearray()
    for byte in b"0123456789A" + bytes([crc >> 24]) + data:
        mixed = (keys[2] | 2) & 0xFFFF
        ciphered.append(byte ^ ((mixed * (mixed ^ 1)) >> 8 & 0xFF))
        update(byte)
    out = bytearray(plain((name, bytes(ciphered))))
    # Same length and no packing: only flags, method, checksum and the size before ciphering have to say so.
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, bytes(ciphered))
    out = bytearray(body.getvalue())
    for at, flags, check, size in ((0, 6, 14, 22), (out.rindex(b"PK\x01\x02"), 8, 16, 24)):
        out[at + flags] |= 1
        out[at + check : at + check + 4] = crc.to_bytes(4, "little")
        out[at + size : at + size + 4] = len(data).to_bytes(4, "little")
    return bytes(out)


def _table(number: int) -> int:
    for _ in range(8):
        number = (number >> 1) ^ 0xEDB88320 if number & 1 else number >> 1
    return number


def refused(data: bytes) -> str:
    with pytest.raises(StatementNotUnderstood) as raised:
        read(data)
    return raised.value.code


@pytest.mark.parametrize("method", ["aes", "zipcrypto"])
async def test_p24_a_wallets_zip_opens_with_its_password_and_with_no_other(method, wechat, row):
    bill = wechat(row()).encode()
    data = sealed(bill, method)
    assert unlocking.locked(data)
    assert refused(data) == "encrypted"
    assert read(unlocking.unlock(data, PASSWORD)).lines == read(bill).lines
    assert read(await unlocking.unlocked(data, PASSWORD)).lines == read(bill).lines
    with pytest.raises(unlocking.WrongPassword):
        unlocking.unlock(data, "wrong")
    with pytest.raises(unlocking.WrongPassword):
        await unlocking.unlocked(data, "wrong")
    with pytest.raises(unlocking.NeedsPassword):
        await unlocking.unlocked(data, "")


async def test_a_file_without_a_password_stays_as_it_is(wechat, row):
    for data in (wechat(row()).encode(), plain(("a.csv", wechat(row()).encode()))):
        assert await unlocking.unlocked(data, PASSWORD) is data


def test_a_zip_of_several_bills_is_read_as_one_and_what_is_no_bill_is_passed_over(wechat, row, workbook):
    sheet = workbook([["交易日期", "交易金额", "摘要"], ["2025-01-09", -5, "进货"]])
    data = plain(
        ("账单/一月.csv", wechat(row()).encode()),
        ("__MACOSX/账单/._一月.csv", b"x"),
        ("账单/二月.csv", wechat(row("2025-02-03 12:00:00", number="2"), row()).encode("gb18030")),
        ("银行.xlsx", sheet),
        ("说明.txt", "请核对".encode()),
    )
    found = read(data)
    assert [line.at[:10] for line in found.lines] == ["2025-01-03", "2025-02-03", "2025-01-09"]
    assert (found.summary.duplicates, found.summary.encoding) == (1, "zip")


@pytest.mark.parametrize("name", ["../bill.csv", "/etc/bill.csv", "a/../../bill.csv", "C:\\bill.csv", "..\\bill.csv"])
def test_a_name_that_climbs_out_is_refused(name, wechat, row):
    assert refused(plain((name, wechat(row()).encode()))) == "archive_path"


def test_a_link_and_an_archive_in_an_archive_are_refused(wechat, row):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("bill.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(out.getvalue()) == "archive_path"
    inner = plain(("bill.csv", wechat(row()).encode()))
    assert refused(plain(("bill.zip", inner))) == "archive_inside"
    assert refused(plain(("bill.csv", inner))) == "archive_inside"


def test_a_bomb_is_stopped_while_it_unpacks_sealed_or_not():
    zeros = b"\x00" * (150 * 1024 * 1024)
    assert refused(plain(("bill.csv", zeros))) == "unpacks_too_large"
    with pytest.raises(unlocking.CannotUnlock):
        unlocking.unlock(sealed(zeros, "aes"), PASSWORD)


def test_the_command_takes_a_password_by_option_or_environment_and_never_shows_it(tmp_path, wechat, row):
    path = tmp_path / "bill.zip"
    path.write_bytes(sealed(wechat(row()).encode(), "aes"))
    runner = CliRunner()
    missing = runner.invoke(main, ["statement", "--lang", "en", str(path)])
    assert (missing.exit_code, len(missing.stderr.strip().splitlines())) == (2, 1)
    assert "has a password" in missing.stderr
    wrong = runner.invoke(main, ["statement", "--lang", "en", "--password", "nonsense", str(path)])
    assert wrong.exit_code == 2
    assert "password is wrong" in wrong.stderr
    assert "nonsense" not in wrong.output
    for arguments, environment in ((["--password", PASSWORD], {}), ([], {"HUOSHUI_STATEMENT_PASSWORD": PASSWORD})):
        done = runner.invoke(main, ["statement", "--json", *arguments, str(path)], env=environment)
        assert done.exit_code == 0
        assert len(json.loads(done.stdout)["lines"]) == 1
        assert PASSWORD not in done.output


def test_a_workbook_with_a_password_opens_once(workbook, tmp_path):
    import msoffcrypto.format.ooxml as ooxml

    made = io.BytesIO(workbook([["交易日期", "交易金额", "摘要"], ["2025-01-02", 5, "收款"]]))
    out = io.BytesIO()
    ooxml.OOXMLFile(made).encrypt(PASSWORD, out)
    data = out.getvalue()
    assert unlocking.locked(data)
    assert refused(data) == "encrypted"
    assert len(read(unlocking.unlock(data, PASSWORD)).lines) == 1
    with pytest.raises(unlocking.WrongPassword):
        unlocking.unlock(data, "wrong")
