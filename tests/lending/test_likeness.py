"""The threshold of likeness, measured on generated pictures: what stays the same picture, and what is another photo."""

import io
from itertools import combinations

import pytest
from PIL import Image

from infra.looks import CUTS, looks_of
from lending.likeness import BITS, MOST, alike
from tests.fronts import cut, front, saved

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
