"""Pictures of workshops with depth that no camera took: things at several distances, seen by a pinhole camera.

Another view of the same workshop is another place to stand, so that what is near moves more than what is far: no
turning, cutting or mirroring of one photo makes the other.
"""

import random
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT, FOCAL = 1_200, 900, 1_050.0


@cache
def yard(seed: int, view: int = 0) -> Image.Image:
    """One workshop by its ``seed``. Another ``view`` stands at least a step aside and looks at it by another angle, in
    another light, with somebody in front."""
    chance = random.Random(f"yard {seed}")
    wall = (12.0, (-9.0, -3.0, 18.0, 6.5))
    things = [wall, *(_thing(chance) for _ in range(chance.randint(9, 14)))]
    faces = [(depth, box, _face(chance, wide=box[2], high=box[3])) for depth, box in things]
    eye = random.Random(f"yard {seed} from {view}")
    aside = eye.choice((-1, 1)) * eye.uniform(0.4, 1.4) if view else 0.0
    nearer, turned = (eye.uniform(-0.3, 0.9), eye.uniform(-0.12, 0.12)) if view else (0.0, 0.0)
    picture = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for depth, box, face in sorted(faces, key=lambda one: -one[0]):
        _put(picture, face, _corners(depth, box, (aside, eye.uniform(-0.08, 0.08) if view else 0.0, nearer), turned))
    if view:
        at, tall = eye.randint(0, WIDTH - 150), eye.randint(300, 520)
        cv2.rectangle(picture, (at, HEIGHT - tall), (at + eye.randint(80, 150), HEIGHT), _colour(eye, 0, 140), -1)
    drawn = Image.fromarray(picture).filter(ImageFilter.GaussianBlur(0.8))
    drawn = ImageEnhance.Brightness(drawn).enhance(eye.uniform(0.8, 1.2) if view else 1.0)
    noise = np.random.default_rng(view).normal(0, 1.3, (HEIGHT, WIDTH, 1))
    return Image.fromarray(np.clip(np.asarray(drawn) + noise, 0, 255).astype(np.uint8))


Box = tuple[float, float, float, float]


def _thing(chance: random.Random) -> tuple[float, Box]:
    wide, high = chance.uniform(0.6, 2.4), chance.uniform(0.5, 2.2)
    depth = chance.uniform(3.5, 9.5)
    return depth, (chance.uniform(-0.5, 0.5) * depth - wide / 2, 1.6 - high - chance.uniform(0, 0.8), wide, high)


def _face(chance: random.Random, *, wide: float, high: float) -> np.ndarray:
    """What a thing looks like from the front: plates, drawers, letters, stains."""
    size = (max(40, int(wide * 140)), max(40, int(high * 140)))
    face = Image.new("RGB", size, _colour(chance, 60, 220))
    draw = ImageDraw.Draw(face)
    for _ in range(int(6 + size[0] * size[1] / 3_500)):
        x, y = chance.randint(0, size[0]), chance.randint(0, size[1])
        far = (x + chance.randint(4, 60), y + chance.randint(4, 40))
        match chance.randint(0, 3):
            case 0:
                draw.ellipse((x, y, *far), fill=_colour(chance))
            case 1:
                draw.line((x, y, *far), fill=_colour(chance), width=chance.randint(1, 5))
            case 2:
                draw.text((x, y), chance.choice(("CNC-20", "No.7", "SN88", "AX1", "220V")), fill=_colour(chance))
            case _:
                draw.rectangle((x, y, *far), fill=_colour(chance))
    return np.asarray(face)


def _corners(depth: float, box: Box, eye: tuple[float, float, float], turned: float) -> list[tuple[float, float]]:
    left, top, wide, high = box
    found: list[tuple[float, float]] = []
    for x, y in ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high)):
        at = np.array((x - eye[0], y - eye[1], depth - eye[2]))
        ahead = at[2] * np.cos(turned) + at[0] * np.sin(turned)
        across = at[0] * np.cos(turned) - at[2] * np.sin(turned)
        found.append((WIDTH / 2 + FOCAL * across / ahead, HEIGHT / 2 + FOCAL * at[1] / ahead))
    return found


def _put(picture: np.ndarray, face: np.ndarray, corners: list[tuple[float, float]]) -> None:
    high, wide = face.shape[:2]
    flat = np.array(((0, 0), (wide, 0), (wide, high), (0, high)), np.float32)
    seen = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    laid = cv2.warpPerspective(face, seen, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((high, wide), 255, np.uint8), seen, (WIDTH, HEIGHT))
    picture[mask > 127] = laid[mask > 127]


def _colour(chance: random.Random, least: int = 0, most: int = 255) -> tuple[int, int, int]:
    return chance.randint(least, most), chance.randint(least, most), chance.randint(least, most)
