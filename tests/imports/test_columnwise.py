"""The quick way through a bill and the careful one give the same answers."""

import random
from collections import Counter

import pytest

from imports import columnwise, reading, vectors
from imports.child import rows_of
from imports.lines import CounterpartyKeys
from imports.misreadings import StatementNotUnderstood
from imports.statements import Reading, read

DAYS = [f"2025-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]


@pytest.fixture
def both_ways(monkeypatch):
    """Reads bytes quickly in chunks of a given size, and once more with every row taken on its own."""

    def both_ways(data: bytes, chunk: int = 1_000):
        monkeypatch.setattr(reading, "CHUNK", chunk)
        quick = read(data)
        with monkeypatch.context() as patch:
            patch.setattr(
                columnwise.Columnwise,
                "read",
                lambda self, rows, first: ([], [], list(zip(range(first, first + len(rows)), rows, strict=True))),
            )
            careful = read(data)
        return quick, careful

    return both_ways


def wallet_rows(make, seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    rows = []
    for n in range(count):
        at = f"{chance.choice(DAYS)} {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
        kind, way = chance.choice([("二维码收款", "收入"), ("转账", "支出"), ("零钱提现", "/"), ("其他", "收入")])
        status = chance.choice(["已收钱", "支付成功", "已全额退款", "已退款(￥1.00)", "支付失败"])
        amount = chance.choice(["¥5.00", "¥1,005.50", "7", "¥5.00(已退款￥2.00)", "¥-3", "?", "", "0.00", "¥12.30"])
        who = chance.choice(["客人甲", "客人乙", "/", "大华有限公司", "房东", "多行\n名字"])
        number = chance.choice([str(n), str(n % 7), "/", ""])
        if chance.random() < 0.1:
            at = chance.choice(["2025/1/9 3:04", "昨天", "", "20250109", at])
        row = make(at, kind=kind, way=way, status=status, amount=amount, who=f'"{who}"', number=number)
        rows.append(row if chance.random() > 0.03 else row[: chance.randrange(24)])
        if chance.random() < 0.05:
            rows.append(rows[-1])
    return rows


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("chunk", [1, 7, 1_000])
def test_a_wallet_bill_full_of_oddities_reads_the_same_either_way(both_ways, wechat, row, seed, chunk):
    quick, careful = both_ways(wechat(*wallet_rows(row, seed, 120)).encode(), chunk)
    assert _by_row(quick) == _by_row(careful)
    assert quick.summary == careful.summary


@pytest.mark.parametrize(
    "text",
    [
        "交易日期,交易时间,币种,交易金额,余额,摘要,对方户名\n{0},{1},人民币,{2},{3},{4},甲店\n",
        "户名：甲店\n交易日期,收入金额,支出金额,余额,摘要,对方户名\n{0},{2},,{3},{4},甲店\n",
        "交易日期,借贷标志,发生额,余额,摘要\n{0},贷,{2},{3},{4}\n",
        "Date;Description;Amount\n{0};{4};{2}\n",
    ],
)
def test_a_bank_table_reads_the_same_either_way(both_ways, text):
    heading, _, row = text.rstrip("\n").rpartition("\n")
    chance = random.Random(4)
    rows = [
        row.format(
            chance.choice([*DAYS, "bad", "20250109"]),
            chance.choice(["12:00:01", "9:05", "235959", "", "x"]),
            chance.choice(["5.00", "-7.50", '"1,000.00"', "0.00", "-", "x", "¥4.00"]),
            chance.choice(["100.00", "**", "", '"1,100.00"']),
            chance.choice(["收款", "转账", "信用卡还款", "工资", ""]),
        )
        for _ in range(300)
    ]
    quick, careful = both_ways("\n".join([heading, *rows, ""]).encode(), 50)
    assert _by_row(quick) == _by_row(careful)
    assert quick.summary == careful.summary


def test_an_ordinary_bill_goes_the_quick_way(monkeypatch, wechat, row):
    taken = []
    alone = reading.Reader._alone
    monkeypatch.setattr(reading.Reader, "_alone", lambda self, cells, n: (taken.append(n), alone(self, cells, n))[1])
    rows = [row(f"{day} 12:00:{n:02}", number=f"{day}{n}") for day in DAYS for n in range(30)]
    assert len(read(wechat(*rows).encode()).lines) == len(rows)
    assert len(taken) < len(rows) / 100


def _by_row(statement) -> Counter:
    # Lines without a number of their own are told apart by order, which the two ways may count differently.
    return Counter((line.row, *line[1:12]) for line in statement.lines)


def test_a_cell_of_two_moments_is_not_two_cells(wechat, row):
    double = row().replace("2025-01-03 12:00:01", '"2025-01-03 12:00:01\n2025-01-03 12:00:01"')
    found = read(wechat(*(row(number=str(n)) for n in range(5)), double).encode())
    assert len(found.lines) == 5
    assert [code for _, code, _ in found.summary.not_understood] == ["date_not_understood"]


# --- vectors ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_vectors(monkeypatch):
    """Reads bytes by rows and in vectors of a few kilobytes: rows for COPY, summary, how many lines were vectors."""
    monkeypatch.setattr(vectors, "LEAST_BYTES", 1)
    monkeypatch.setattr(vectors, "PIECE_BYTES", 8_000)

    def told(data: bytes, way: str):
        reading = Reading(data, keys=CounterpartyKeys(b"k" * 32), today="2025-12-31")
        rows: list[bytes] = []
        moved: Counter[str] = Counter()
        count = 0
        try:
            for block in getattr(reading, way)():
                rows += rows_of(block, "firm\t").splitlines()
                if isinstance(block, vectors.Vectors):
                    count += len(block)
                weights = (
                    block.weights() if isinstance(block, vectors.Vectors) else ((b[13], b[5], b[3]) for b in block)
                )
                for key, _, amount in weights:
                    moved[key] += amount
        except StatementNotUnderstood as error:
            return (error.code, error.where), count
        del moved["\\N"]
        return (sorted(rows), moved, reading.summary()), count

    return lambda data: (told(data, "blocks")[0], *told(data, "parts"))


def plain_rows(make, count: int, chance: random.Random) -> list[str]:
    """What most of a long bill looks like."""
    return [
        make(
            f"{chance.choice(DAYS)} {chance.randrange(24):02}:{chance.randrange(60):02}:{n % 60:02}",
            way=chance.choice(["收入", "收入", "支出"]),
            kind=chance.choice(["二维码收款", "商户消费", "转账"]),
            amount=f"¥{chance.randrange(1, 9_999) / 100:.2f}",
            who=chance.choice(["客人甲", "客人乙", "大华有限公司", "/", "", " 房东 "]),
            what=chance.choice(["收款", "房租", "", "/"]),
            number=f"10000{n:09}",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("seed", "encoding"),
    [(0, "utf-8"), (1, "utf-8"), (2, "utf-8"), (3, "gb18030"), (0, "gb18030"), (0, "utf-8-sig"), (0, "utf-16")],
)
def test_a_long_bill_reads_the_same_in_vectors(in_vectors, wechat, row, seed, encoding):
    chance = random.Random(seed)
    rows = plain_rows(row, 1_000, chance)
    odd = [one for one in wallet_rows(row, seed, 60) if "\n" not in one]
    for one in odd[: 15 * seed]:
        rows.insert(chance.randrange(len(rows)), one)
    rows.insert(900, rows[600])  # the same line once more, far away
    by_rows, quick, count = in_vectors(wechat(*rows, below=["", "共1000笔记录,,,,", "说明：以上"]).encode(encoding))
    assert quick == by_rows
    assert count > (200 if seed == 0 else 0)


@pytest.mark.parametrize(
    "oddity",
    [
        '2025-01-03 12:00:01,转账,"客人""甲""","收款",收入,¥5.00,零钱,已收钱,"77\t","/\t","/"',
        '2025-01-03 12:00:01,转账,"客人\n甲","收款",收入,¥5.00,零钱,已收钱,"77\t","/\t","/"',
        '2025-01-03 12:00:01,转账,客"人"甲,"收款",收入,¥5.00,零钱,已收钱,"77\t","/\t","/"',
        '2025-01-03 12:00:01,转账,"客人,甲","收款",收入,¥5.00,零钱,已收钱,"77\t","/\t","/"',
        '2025-01-03 12:00:01,转账,客人甲,"收款,收入,¥5.00,零钱,已收钱,77,/,/',
        "2025-01-03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,77,/,/,,,more",
        "2025-01-03 12:00:01,转账,客人甲,收款,收入,¥1,000.00,零钱,已收钱,77,/,/",
        "2025-01-03 12:00:01,转账,客人甲",
        "2025-13-03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,77,/,/",
        "2025-01-03 24:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,77,/,/",
        "2026-01-03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,77,/,/",
        "2025/01/03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,77,/,/",
        "2025-01-03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,\u3000\xa077\u2003,/,/",
        "2025-01-03 12:00:01,转账,客人甲,收款,收入,¥5.00,零钱,已收钱,\u3000/\u3000,/,/",
        "2025-01-03 12:00:01,转账,客人甲,收款,收入,$5.00,零钱,已收钱,77,/,/",
        "一\r二",
        "x" * 9_000,
    ],
)
def test_what_vectors_cannot_read_is_read_by_rows_as_ever(in_vectors, wechat, row, oddity):
    rows = plain_rows(row, 800, random.Random(9))
    rows.insert(700, oddity)
    by_rows, quick, count = in_vectors(wechat(*rows).encode())
    assert quick == by_rows
    assert count > 100


def test_a_cell_beyond_the_heading_is_seen_in_vectors(in_vectors, wechat, row):
    rows = [f"{one}," for one in plain_rows(row, 800, random.Random(5))]
    rows[700] += "shop"
    by_rows, quick, count = in_vectors(wechat(*rows).encode())
    assert quick == by_rows
    assert [code for _, code, _ in quick[2].not_understood] == ["too_many_cells"]
    assert count > 250


def test_a_bill_that_ends_in_the_middle_of_a_row_is_refused_in_vectors_too(in_vectors, wechat, row):
    whole = wechat(*plain_rows(row, 700, random.Random(2))).encode()
    for cut in (whole[:-9], whole[:-40], whole[:-2]):
        by_rows, quick, count = in_vectors(cut)
        assert quick == by_rows
        assert count > 0
