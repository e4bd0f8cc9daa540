"""A thing's number in another writing is never unmarked beside its twin, and two cores never meet (P18)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.other_writings import figures_of, looks_like

HOUSE, MILL = "苏(2019)昆山市不动产权第0012345号", "德玛吉DMU-50-20417"


@pytest.mark.parametrize(
    "written",
    [
        "江苏省(2019)昆山市不动产权第0012345号",
        "苏（贰零壹玖）昆山市不动产权第0012345号",
        "苏(二〇一九)昆山市不动产权第〇〇一二三四五号",
        "苏(2019)昆山市不动产权第一万二千三百四十五号",
        "苏(2019)昆山市不动产权第壹萬贰仟叁佰肆拾伍号",
        "蘇(2019)崑山市不動產權第0012345號",
        "昆山市不动产权第0012345号",
        "昆房权证字第12345号",
        "Su(2019)KS No.0012345",
        "０００１２３４５",
        "苏2019昆山不动产权 12 345",
    ],
)
def test_p18_a_certificate_in_another_writing_is_marked_beside_its_twin(written: str) -> None:
    assert looks_like("real_estate", written) & looks_like("real_estate", HOUSE)


@pytest.mark.parametrize(
    "written",
    ["DMU 50/20417 五轴", "型号DMU-50 编号20417", "20417", "二〇四一七", "DMU5020417", "第贰万零肆佰壹拾柒号"],
)
@pytest.mark.parametrize("kind", ["equipment", "vehicle", "inventory"])
def test_p18_a_machine_in_another_writing_or_called_another_kind_is_marked_beside_its_twin(
    written: str, kind: str
) -> None:
    assert looks_like(kind, written) & looks_like("equipment", MILL)


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("一万二千三百四十五", "12345"),
        ("十二万", "120000"),
        ("一万零五", "10005"),
        ("三千零二十", "3020"),
        ("壹贰叁", "123"),
        ("1万2千3百45", "12345"),
    ],
)
def test_figures_in_words_are_read_with_their_units_or_one_by_one(words: str, figures: str) -> None:
    assert figures_of(words) == figures


def test_p18_a_short_number_meets_only_with_its_place() -> None:
    assert looks_like("real_estate", "苏(2019)昆山市不动产权第0000345号") & looks_like(
        "real_estate", "昆山不动产第345号"
    )
    assert not looks_like("real_estate", "昆山不动产第345号") & looks_like("real_estate", "太仓不动产第345号")


PLACES = st.sampled_from(["昆山市", "苏州市", "太仓市"])
YEARS, CORES = st.integers(2015, 2029), st.integers(10_000, 9_999_999)
ONES = "〇一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def _certificate(year: int, place: str, core: int) -> str:
    return f"苏({year}){place}不动产权第{core:07d}号"


def _rewritten(text: str, draw: st.DataObject) -> str:
    for figures in (ONES, CAPITALS, "０１２３４５６７８９", None):
        if figures and draw.draw(st.booleans()):
            run = draw.draw(st.sampled_from(re.findall(r"[0-9]+", text) or [""]))
            text = text.replace(run, "".join(figures[int(one)] for one in run)) if run else text
    if draw.draw(st.booleans()):
        text = text.replace("苏(", draw.draw(st.sampled_from(["江苏省(", "江苏(", "蘇（", "("])), 1)
    for old, new in (("产权", "產權"), ("号", "號"), ("市", ""), ("(", "〔"), (")", "〕"), ("第", " 第 "), ("号", "")):
        if draw.draw(st.booleans()):
            text = text.replace(old, new)
    at = draw.draw(st.integers(0, len(text)))
    return f"{text[:at]} {text[at:]}"


@given(year=YEARS, place=PLACES, core=CORES, draw=st.data())
def test_p18_no_rewriting_of_a_number_passes_unmarked(year: int, place: str, core: int, draw: st.DataObject) -> None:
    said = _certificate(year, place, core)
    written = _rewritten(said, draw)
    assert looks_like("real_estate", written) & looks_like("real_estate", said), written


@given(one=CORES, other=CORES, years=st.tuples(YEARS, YEARS), places=st.tuples(PLACES, PLACES))
def test_p18_numbers_that_differ_in_their_core_do_not_meet(
    one: int, other: int, years: tuple[int, int], places: tuple[str, str]
) -> None:
    keys = [looks_like("real_estate", _certificate(*of)) for of in zip(years, places, (one, other), strict=True)]
    assert bool(keys[0] & keys[1]) is (one == other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("equipment", "VMC-850-0417", "0417-VMC850"),
        ("equipment", "VMC-850-0417", "机身号0417 VMC850"),
        ("ip", "ZL 2019 1 0123456.7", "201910123456"),
    ],
)
def test_p18_parts_in_another_order_and_a_patent_without_its_check_figure_are_marked(
    kind: str, one: str, other: str
) -> None:
    assert looks_like(kind, one) & looks_like(kind, other)
