"""Rows that are no lines: what stands under and between the rows of a table."""

import re

from imports.cells import is_empty, parse_moment
from imports.columns import Columns
from imports.headings import plain_heading
from imports.table import Row

_FOOTER = re.compile(
    r"^\W{0,3}(?:合计|总计|小计|累计|月计|年计|本页|本[月日年季周旬]|人民币合计|共\s*\d+|说明|注[:：\s]|备注[:：]|提示|温馨提示|以上|打印|导出|制表|第\s*\d+\s*页|页码|期初|期末|"
    r"承前页|承上页|过次页|转下页|上期|本期|上页|总交易|总笔数|(?:收入|支出)(?:合计|总额|总计|笔数)|"
    r"total|sub-?total|grand total|opening|closing|(?:beginning|starting|ending) balance|balance (?:brought|carried)|"
    r"brought forward|carried forward|b/f|c/f|end of|page\s*\d|generated|printed)|-{5,}|={5,}|\*{5,}"
)


def is_footer(row: Row) -> bool:
    """Whether a row is nothing, a rule of dashes, a known remark, or a line of totals."""
    filled = [cell.strip() for cell in row if not is_empty(cell)]
    return not filled or any(_FOOTER.search(cell.casefold()) for cell in filled[:2])


def is_lone(row: Row) -> bool:
    """Whether one cell is all there is, and that no date."""
    filled = [cell.strip() for cell in row if not is_empty(cell)]
    return len(filled) == 1 and parse_moment(filled[0]) is None


def filled_to(row: Row) -> int:
    """How many cells a row has up to the last that says something."""
    return max((position for position, cell in enumerate(row, start=1) if not is_empty(cell)), default=0)


def holds_rows(row: Row) -> bool:
    """Whether a cell has swallowed rows: one of its lines begins with a date and goes on with more cells."""
    for cell in row:
        for line in cell.split("\n")[1:]:
            start, *more = re.split(r"[,\t;|]", line, maxsplit=1)
            if more and (moment := parse_moment(start.strip(' "'))) is not None and moment.day:
                return True
    return False


def is_heading_again(row: Row, columns: Columns) -> bool:
    """Whether the table's heading stands again in the middle, as at the top of every page of some banks' exports."""
    same = sum(1 for text, heading in zip(row, columns.headings, strict=False) if plain_heading(text) == heading)
    return same * 2 > len(columns.headings)
