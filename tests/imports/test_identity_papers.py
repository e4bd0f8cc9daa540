"""Identity cards and licences: what is read of lines as recognition gives them, and of real pictures."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imports.identity_papers import Field, read_paper
from imports.misreadings import StatementNotUnderstood
from imports.pages import Word
from imports.photos import paper_on
from simulators.firms.demo import demo_firms
from simulators.firms.papers import id_card, licence

FIRM = next(firm for firm in demo_firms(date(2026, 11, 29)) if firm.firm_id == "noodle-shop")


def lines(*texts: str, sure: float = 0.99) -> list[Word]:
    """One word a line, or several that stand side by side where a text has bars."""
    words: list[Word] = []
    for n, text in enumerate(texts):
        for place, part in enumerate(text.split("|")):
            words.append(Word(200 * place, 40 * n, 200 * place + 150, 40 * n + 30, part, recognised=True, sure=sure))
    return words


def fields(*texts: str, sure: float = 0.99) -> dict[str, Field]:
    return {one.name: one for one in read_paper(lines(*texts, sure=sure)).fields}


def test_a_card_gives_name_and_number_and_nothing_else() -> None:
    found = fields(
        "姓名|李秀英", "性别女|民族汉", "出生1972年5月28日", "住址某市某路", "公民身份号码|330106197205287191"
    )
    assert found == {
        "name": Field("name", "李秀英", 0.99),
        "id_number": Field("id_number", "330106197205287191", 0.99, checked=True),
    }


@pytest.mark.parametrize("seen", ["33O106197205287191", "3301O61972O52B7191", "330l06197205287191"])
def test_letters_that_look_like_digits_are_put_right_where_the_check_digit_then_agrees(seen: str) -> None:
    found = fields("姓名李秀英", "公民身份号码", seen)
    assert (found["id_number"].value, found["id_number"].checked) == ("330106197205287191", True)


def test_a_number_whose_check_digit_does_not_agree_is_shown_as_read_and_never_sure() -> None:
    found = fields("姓名李秀英", "公民身份号码", "330106197205287192")
    assert (found["id_number"].value, found["id_number"].checked) == ("330106197205287192", False)
    assert found["id_number"].sure <= 0.5


def test_a_birthday_that_is_none_is_no_number() -> None:
    assert fields("姓名李秀英", "公民身份号码", "330106197213287193")["id_number"].checked is False


def test_a_licence_of_a_sole_trader_and_of_a_company_are_told_apart() -> None:
    trader = fields(
        "营业执照", "统一社会信用代码", "92320508M3XH541158", "名称|李记面馆", "类型|个体工商户", "经营者|李秀英"
    )
    assert {name: one.value for name, one in trader.items()} == {
        "licence": "92320508M3XH541158", "firm_name": "李记面馆", "name": "李秀英", "kind": "sole_trader",
    }  # fmt: skip
    company = fields(
        "营业执照", "统一社会信用代码91350100M000100Y43", "名称|活水样本有限公司|注册资本|壹佰万圆整",
        "类型|有限责任公司|成立日期|2020年01月02日", "法定代表人|王强|营业期限|长期",
    )  # fmt: skip
    assert {name: one.value for name, one in company.items()} == {
        "licence": "91350100M000100Y43", "firm_name": "活水样本有限公司", "name": "王强", "kind": "company",
    }  # fmt: skip


def test_a_value_on_the_line_below_its_label_is_found_and_a_label_is_no_value() -> None:
    found = fields("营业执照", "统一社会信用代码", "92320508M3XH541158", "名称", "花间小筑", "经营者", "经营范围|零售")
    assert found["firm_name"].value == "花间小筑"
    assert "name" not in found


@pytest.mark.parametrize("texts", [(), ("收据", "共计 35 元"), ("姓名",), ("营业执照",), ("公民身份号码",)])
def test_anything_else_is_no_identity_paper(texts: tuple[str, ...]) -> None:
    with pytest.raises(StatementNotUnderstood) as no:
        read_paper(lines(*texts))
    assert no.value.code == "no_identity_paper"


def photo(png: bytes, *, tilt: float, scale: float, noise: float, quality: int) -> bytes:
    """As a phone would take it: tilted on a table, smaller, grainy, and pressed into a JPEG."""
    import numpy as np
    from PIL import Image

    picture: Any = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    picture = picture.rotate(tilt, expand=True, fillcolor=(90, 80, 70), resample=Image.Resampling.BICUBIC)
    grain = np.random.default_rng(1).normal(0, noise, (picture.height, picture.width, 1))
    out = io.BytesIO()
    Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype("uint8")).save(out, "JPEG", quality=quality)
    return out.getvalue()


async def test_a_tilted_grainy_photo_of_a_licence_is_read_by_a_confined_child(tmp_path: Path) -> None:
    path = tmp_path / "licence.jpg"
    path.write_bytes(photo(licence(FIRM), tilt=-4, scale=0.6, noise=10, quality=60))
    found = await paper_on(path)
    assert {one.name: (one.value, one.checked) for one in found.fields} == {
        "licence": (FIRM.licence, True),
        "firm_name": (FIRM.shop, None),
        "name": (FIRM.owner, None),
        "kind": ("sole_trader", None),
    }


@pytest.mark.long
async def test_a_companys_licence_names_its_legal_representative(tmp_path: Path) -> None:
    firm = next(one for one in demo_firms(date(2026, 11, 29)) if one.kind == "company")
    path = tmp_path / "licence.jpg"
    path.write_bytes(photo(licence(firm), tilt=3, scale=0.7, noise=8, quality=70))
    read = {one.name: one.value for one in (await paper_on(path)).fields}
    assert read == {"licence": firm.licence, "firm_name": firm.shop, "name": firm.owner, "kind": "company"}


@pytest.mark.long
@pytest.mark.parametrize("tilt", [-6, 0, 6])
@pytest.mark.parametrize("firm", list(demo_firms(date(2026, 11, 29)))[:6], ids=lambda firm: firm.firm_id)
async def test_photos_of_all_demo_firms_are_read(tmp_path: Path, firm: Any, tilt: float) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo(id_card(firm), tilt=tilt, scale=0.8, noise=8, quality=70))
    card = {one.name: one.value for one in (await paper_on(path)).fields}
    assert card == {"name": firm.owner, "id_number": firm.id_number}
    path.write_bytes(photo(licence(firm), tilt=tilt, scale=0.8, noise=8, quality=70))
    read = {one.name: one.value for one in (await paper_on(path)).fields}
    assert read == {"licence": firm.licence, "firm_name": firm.shop, "name": firm.owner, "kind": "sole_trader"}


@pytest.mark.parametrize(("data", "code"), [(b"no picture", "broken"), (b"%PDF-1.7 nothing", "broken")])
async def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(data)
    with pytest.raises(StatementNotUnderstood) as no:
        await paper_on(path)
    assert no.value.code == code
