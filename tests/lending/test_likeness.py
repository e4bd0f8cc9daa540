"""The threshold of likeness, measured on generated pictures: what stays the same picture, and what is another photo."""

import io
from collections.abc import Callable
from itertools import combinations

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from infra.keypoints import Laid, Picture, laid_upon, points_of, well_formed
from infra.looks import CUTS, looks_of
from lending.likeness import BITS, MOST, alike, same_view
from tests.fronts import cut, front, saved
from tests.yards import yard

SEEDS = range(12)


def known(picture: Image.Image, quality: int = 85) -> str:
    found = looks_of(Image.open(io.BytesIO(saved(picture, quality))))
    assert found is not None and len(found) == len(CUTS) * BITS
    return found


def nearest(one: str, other: str) -> int:
    """Bits of the nearest pair, as the rule pairs them."""
    mine, theirs = ([int(two[at : at + BITS], 2) for at in range(0, len(two), BITS)] for two in (one, other))
    return min([(mine[0] ^ part).bit_count() for part in theirs] + [(theirs[0] ^ part).bit_count() for part in mine])


@pytest.mark.parametrize("seed", SEEDS)
def test_p33_a_picture_at_quality_30_half_its_size_or_cut_by_5_percent_is_the_same_picture(seed: int) -> None:
    picture = front(seed)
    first = known(picture)
    again = {
        "quality 30": known(picture, 30),
        "half": known(picture.resize((600, 450))),
        "wider by a tenth": known(picture.resize((1_320, 900))),
        "a third, quality 30": known(picture.resize((400, 300)), 30),
        "5 % left": known(cut(picture, left=0.05)),
        "5 % below": known(cut(picture, below=0.05)),
        "5 % all around": known(cut(picture, 0.05, 0.05, 0.05, 0.05)),
        "4 % of a corner": known(cut(picture, 0.04, 0.04)),
        "3 % right, half, quality 30": known(cut(picture, right=0.03).resize((580, 450)), 30),
    }
    far = {how: nearest(first, looks) for how, looks in again.items()}
    assert max(far.values()) <= MOST - 2, far
    assert all(alike(first, looks) and alike(looks, first) for looks in again.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_p33_two_photos_of_one_shop_front_are_two_photos(seed: int) -> None:
    views = [known(front(seed, view)) for view in range(5)]
    far = [nearest(one, other) for one, other in combinations(views, 2)]
    assert min(far) >= MOST + 2, far
    assert not any(alike(one, other) for one, other in combinations(views, 2))


def test_p33_photos_of_different_shop_fronts_are_nowhere_near() -> None:
    fronts = [known(front(seed)) for seed in SEEDS]
    assert min(nearest(one, other) for one, other in combinations(fronts, 2)) >= 2 * MOST


def test_a_picture_of_one_colour_shows_nothing_to_be_known_by() -> None:
    assert looks_of(Image.new("RGB", (320, 240), "beige")) is None


# --- by points --------------------------------------------------------------------------------------------------------


def stamped(picture: Image.Image) -> Image.Image:
    drawn = picture.copy()
    draw = ImageDraw.Draw(drawn)
    draw.rectangle((0, int(drawn.height * 0.85), drawn.width, drawn.height), fill="black")
    draw.text((10, int(drawn.height * 0.88)), "2026-11-30 10:21 Renmin Road 18", fill="white", font_size=50)
    return drawn


def on_a_larger_sheet(picture: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (int(picture.width * 1.5), int(picture.height * 1.5)), "white")
    draw = ImageDraw.Draw(sheet)
    for line in range(30):
        draw.rectangle((10, 10 + line * 45, sheet.width - 20 * line, 16 + line * 45), fill="dimgrey")
    sheet.paste(picture, (picture.width // 6, picture.height // 5))
    return sheet


AGAIN: dict[str, Callable[[Image.Image], Image.Image]] = {
    "itself": lambda picture: picture,
    "40 % of its size": lambda picture: picture.resize((480, 360), Image.Resampling.LANCZOS),
    "brighter by 20 %": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "darker by 20 %": lambda picture: ImageEnhance.Brightness(picture).enhance(0.8),
    "less contrast by 20 %": lambda picture: ImageEnhance.Contrast(picture).enhance(0.8),
    "mirrored": ImageOps.mirror,
    "upside down": lambda picture: picture.rotate(180),
    "on its side": lambda picture: picture.rotate(90, expand=True),
    "turned by 1": lambda picture: picture.rotate(1),
    "turned by 3": lambda picture: picture.rotate(3),
    "turned by -7": lambda picture: picture.rotate(-7, fillcolor="white"),
    "cut by 12 %": lambda picture: cut(picture, 0.12, 0.12),
    "cut by 25 %": lambda picture: cut(picture, 0.125, 0.125, 0.125, 0.125),
    "framed": lambda picture: ImageOps.expand(picture, 60, "beige"),
    "stamped": stamped,
    "on a larger sheet": on_a_larger_sheet,
    "mirrored, turned and cut": lambda picture: cut(ImageOps.mirror(picture).rotate(3), 0.06, 0.06, 0.06, 0.06),
}


def points(picture: Image.Image, quality: int = 85) -> Picture:
    found = points_of(Image.open(io.BytesIO(saved(picture, quality))))
    assert found is not None and well_formed(found)
    return Picture(found)


def is_same(laid: Laid) -> bool:
    return same_view(laid.points, laid.share, laid.spread, laid.exact)


@pytest.mark.parametrize("how", AGAIN)
def test_p33_a_picture_turned_mirrored_cut_framed_or_stamped_lies_upon_itself(how: str) -> None:
    for seed in range(3):
        picture = yard(seed)
        first, again = points(picture), points(AGAIN[how](picture), 50)
        for laid in (laid_upon(first, first.mirrored(), again), laid_upon(again, again.mirrored(), first)):
            assert is_same(laid), (seed, laid)


def test_p33_photos_of_one_workshop_from_two_places_do_not_lie_upon_each_other() -> None:
    for seed in range(8):
        views = [points(yard(seed, view)) for view in range(4)]
        for one, other in combinations(range(4), 2):
            laid = laid_upon(views[one], views[one].mirrored(), views[other])
            assert not is_same(laid), (seed, one, other, laid)


def test_p33_photos_of_different_places_do_not_lie_upon_each_other() -> None:
    places = [points(yard(seed)) for seed in range(12)] + [points(front(seed)) for seed in SEEDS]
    for one, other in combinations(places, 2):
        assert not is_same(laid_upon(one, one.mirrored(), other))


def test_a_picture_of_one_colour_has_no_points_and_what_a_child_says_is_measured_before_it_is_believed() -> None:
    assert points_of(Image.new("RGB", (320, 240), "beige")) is None
    found = points_of(yard(1)) or b""
    assert well_formed(found) and not well_formed(found[:-1]) and not well_formed(b"") and not well_formed(found * 9)
