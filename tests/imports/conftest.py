"""Bills as the wallets and banks export them, made row by row."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imports.statements import Statement, read

WECHAT_HEADING = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
ALIPAY_HEADING = (
    "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,"
)

Row = Sequence[str]


def wechat_row(
    at: str = "2025-01-03 12:00:01",
    *,
    kind: str = "二维码收款",
    who: str = "客人甲",
    what: str = "收款方备注:二维码收款",
    way: str = "收入",
    amount: str = "¥23.50",
    status: str = "已收钱",
    number: str = "10000500012025010300001",
) -> str:
    amount = f'"{amount}"' if "," in amount else amount
    return f'{at},{kind},{who},"{what}",{way},{amount},零钱,{status},"{number}\t","/\t","/"'


def alipay_row(
    at: str = "2025-01-03 12:00:01",
    *,
    kind: str = "收入",
    who: str = "客*人",
    what: str = "收钱码收款",
    way: str = "收入",
    amount: str = "23.50",
    status: str = "交易成功",
    number: str = "2025010322001410000001",
    shop_number: str = "",
) -> str:
    texts = [at, kind, who, "/", what, way, amount, "余额", status]
    return ",".join(text.ljust(20) for text in texts) + f",{number}\t,{shop_number}\t,                    ,"


@pytest.fixture(scope="session")
def wechat() -> Callable[..., str]:
    """A WeChat Pay bill of the given rows; ``above`` are lines of the preamble, ``below`` of the footer."""

    def bill(*rows: str, above: Sequence[str] = (), below: Sequence[str] = ()) -> str:
        head = ["微信支付账单明细", "微信昵称：[老王面馆]", *above, "", "----微信支付账单明细列表----"]
        return "\r\n".join([*(f"{line},,,,,,,,,," for line in head), WECHAT_HEADING, *rows, *below]) + "\r\n"

    return bill


@pytest.fixture(scope="session")
def alipay() -> Callable[..., str]:
    """An Alipay bill of the given rows, padded as Alipay pads."""

    def bill(*rows: str, above: Sequence[str] = ()) -> str:
        heading = ",".join(name.ljust(20) for name in ALIPAY_HEADING.rstrip(",").split(",")) + ","
        head = [
            "-" * 84,
            "导出信息：",
            *above,
            "",
            "------------支付宝（中国）网络技术有限公司  电子客户回单------------",
        ]
        return "\r\n".join([*head, heading, *rows]) + "\r\n"

    return bill


@pytest.fixture(scope="session")
def row() -> Callable[..., str]:
    return wechat_row


@pytest.fixture(scope="session")
def alipay_line() -> Callable[..., str]:
    return alipay_row


@pytest.fixture(scope="session")
def understood() -> Callable[..., Statement]:
    """Reads a bill given as text."""

    def understood(text: str, encoding: str = "utf-8", today: str = "") -> Statement:
        return read(text.encode(encoding), today=today)

    return understood


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """An xlsx of sheets of rows, as openpyxl writes it."""
    import openpyxl

    def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets):
            sheet = book.create_sheet(f"sheet{number + 1}")
            for row in rows:
                sheet.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return workbook


@pytest.fixture(scope="session")
def files() -> Path:
    """Small files that were made by other programs."""
    return Path(__file__).parent / "files"
