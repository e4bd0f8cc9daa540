"""Pictures of shop fronts that no camera took, for tests of what makes two pictures the same one."""

import io
import random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT = 1_200, 900


def front(seed: int, view: int = 0) -> Image.Image:
    """One shop front by its ``seed``; another ``view`` is another photo of it: a step aside and nearer, another hour,
    people in front. Everything has a camera's blur and noise."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (WIDTH, HEIGHT), _colour(chance, 90, 200))
    draw = ImageDraw.Draw(picture)
    left, top = chance.randint(80, 220), chance.randint(110, 260)
    right, bottom = WIDTH - chance.randint(80, 220), HEIGHT - chance.randint(80, 150)
    draw.rectangle((left, top, right, bottom), fill=_colour(chance, 60, 230))
    draw.rectangle((left, top, right, top + chance.randint(80, 130)), fill=_colour(chance))
    for letter in range(chance.randint(4, 9)):
        at = left + 30 + letter * 80
        draw.rectangle((at, top + 20, at + 45, top + 75), fill=_colour(chance))
    windows = chance.randint(2, 6)
    wide = (right - left) // windows
    for window in range(windows):
        at = left + window * wide + 10
        draw.rectangle((at, top + 165, at + wide - 25, bottom - chance.randint(10, 150)), fill=_colour(chance))
        for _ in range(chance.randint(2, 14)):
            x, y, size = (
                at + chance.randint(0, max(1, wide - 60)),
                top + chance.randint(170, 420),
                chance.randint(15, 45),
            )
            draw.rectangle((x, y, x + size, y + size), fill=_colour(chance))
    if view:
        picture = _seen_again(picture, random.Random(1_000 * seed + view))
    noise = Image.effect_noise(picture.size, 18).convert("RGB")
    return Image.blend(picture.filter(ImageFilter.GaussianBlur(1)), noise, 0.06)


def _seen_again(picture: Image.Image, chance: random.Random) -> Image.Image:
    nearer = chance.uniform(1.12, 1.5)
    wide, high = WIDTH / nearer, HEIGHT / nearer
    x = min(max(0.0, (WIDTH - wide) / 2 + chance.randint(-160, 160)), WIDTH - wide)
    y = min(max(0.0, (HEIGHT - high) / 2 + chance.randint(-70, 70)), HEIGHT - high)
    corners = (x, y, x + chance.randint(0, 45), y + high, x + wide, y + high - chance.randint(0, 45), x + wide, y)
    seen = picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(seen)
    for _ in range(chance.randint(1, 3)):
        at, tall = chance.randint(0, WIDTH - 120), chance.randint(260, 450)
        draw.rectangle((at, HEIGHT - tall, at + chance.randint(70, 130), HEIGHT), fill=_colour(chance, 0, 160))
    return ImageEnhance.Brightness(seen).enhance(chance.uniform(0.75, 1.25))


def saved(picture: Image.Image, quality: int = 85) -> bytes:
    """As a JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def cut(picture: Image.Image, left: float = 0, above: float = 0, right: float = 0, below: float = 0) -> Image.Image:
    """With margins cut off, as parts of the whole."""
    wide, high = picture.size
    return picture.crop((int(wide * left), int(high * above), int(wide * (1 - right)), int(high * (1 - below))))


def _colour(chance: random.Random, least: int = 0, most: int = 255) -> tuple[int, int, int]:
    return chance.randint(least, most), chance.randint(least, most), chance.randint(least, most)
