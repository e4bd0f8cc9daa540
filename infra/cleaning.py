"""A stranger's picture or PDF made harmless: drawn anew by a confined child, so that nobody opens what was sent.

Whatever a file carries besides what it shows (scripts, attached files, a second file behind the first) stays behind.
One page becomes a JPEG, several become a PDF of pictures (OWASP File Upload Cheat Sheet). Where and when a photo says
that it was taken is told beside it, for whoever needs that as evidence, and is in no drawing.
"""

# pyright: basic
# (the libraries that know the formats carry no types)

import asyncio
import io
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass

from infra.confinement import Limits, confine
from infra.keypoints import points_of, well_formed
from infra.looks import looks_of

PATIENCE = 30.0  # seconds for the child, which may compute for ten
MOST_PIXELS = 40_000_000
MOST_PAGES = 20
LONGEST_SIDE = 2_000  # pixels: print of eight points on A4 stays legible
QUALITY = 80
# Letters of a page as an eye sees them: pixels a point, the lowest letter in points, the least difference of grey.
SEEN_SCALE, LEAST_LETTER, LEAST_CONTRAST = 2, 2, 40
KNOWN = "known"
VIEWED = 3  # pages of a PDF that are compared with pictures
LONGEST_TEXT = 200_000
JPEG, PDF = "image/jpeg", "application/pdf"
CLOCK = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)
LOOKS = re.compile(r"[01]{1408}", re.ASCII)
SIZES = re.compile(r"\d{1,7}(?:,\d{1,5}){1,4}", re.ASCII)
SAID = re.compile(r"(?:(-?\d{1,3}\.\d{7}),(-?\d{1,3}\.\d{7}))?;(\d{4}:\d\d:\d\dT\d\d:\d\d:\d\d)?", re.ASCII)


class CannotClean(Exception):
    """``code``: not_a_picture, too_many_pixels, too_many_pages, encrypted, broken, took_too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Taken:
    """Degrees north and east (WGS 84), and the camera's own clock as ``2026:11:30 10:00:00``; None: not said."""

    latitude: float | None
    longitude: float | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``media_type``: image/jpeg or application/pdf; ``taken``: what the photo said of itself, before it was drawn;
    ``looks``: what a photo is known by however it is saved, None for one that shows nothing to be known by; ``points``:
    what it is known by however it is turned and cut, where that was asked for; of a PDF ``views`` are the points of its
    first pages, and ``text`` what stands in it."""

    media_type: str
    pages: int
    data: bytes
    taken: Taken | None = None
    looks: str | None = None
    points: bytes | None = None
    views: tuple[bytes, ...] = ()
    text: str = ""


def clean(data: bytes, *, known: bool = False) -> Cleaned:
    """Draw the file anew, in this process; ``known``: by its points too. Raises :class:`CannotClean`."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        pages = [_shrunk(page) for page in _pages(data)]
        out = io.BytesIO()
        views = tuple(found for page in pages[:VIEWED] if (found := points_of(page))) if known else ()
        text = _text(data) if known else ""
        if len(pages) == 1:
            pages[0].save(out, "JPEG", quality=QUALITY)
            return Cleaned(JPEG, 1, out.getvalue(), views=views, text=text)
        pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], quality=QUALITY, resolution=170)
        return Cleaned(PDF, len(pages), out.getvalue(), views=views, text=text)
    out = io.BytesIO()
    picture, taken = _picture(data)
    drawn = _shrunk(picture)
    drawn.save(out, "JPEG", quality=QUALITY)
    return Cleaned(JPEG, 1, out.getvalue(), taken, looks_of(drawn), points_of(drawn) if known else None)


def _taken(image) -> Taken | None:
    """Where and when, if the photo says so in a form that makes sense."""
    from PIL.ExifTags import GPS, IFD, Base

    exif = image.getexif()
    gps, more = exif.get_ifd(IFD.GPSInfo), exif.get_ifd(IFD.Exif)
    at = str(more.get(Base.DateTimeOriginal) or exif.get(Base.DateTime) or "").strip("\0 ")
    latitude = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef) == "S", 90)
    longitude = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef) == "W", 180)
    placed = latitude is not None and longitude is not None
    found = Taken(latitude if placed else None, longitude if placed else None, at if CLOCK.fullmatch(at) else None)
    return found if placed or found.at else None


def _degrees(parts, negative: bool, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if negative else value, 7) if 0 <= value <= most else None


def _picture(data: bytes):
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is unpacked
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except (UnidentifiedImageError, OSError, ValueError):
        raise CannotClean("not_a_picture") from None
    if image.width * image.height > MOST_PIXELS:
        raise CannotClean("too_many_pixels")
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError):
        raise CannotClean("broken") from None
    try:
        return upright, _taken(image)
    except Exception:  # what a made-up photo says of itself is no reason to refuse what it shows
        return upright, None


def _pages(data: bytes):
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise CannotClean("encrypted" if "assword" in str(error) else "broken") from None
    try:
        if len(document) == 0:
            raise CannotClean("broken")
        if len(document) > MOST_PAGES:
            raise CannotClean("too_many_pages")
        for number in range(len(document)):
            page = document[number]
            scale = LONGEST_SIDE / max(page.get_width(), page.get_height(), 1)
            yield page.render(scale=scale).to_pil()
    except pypdfium2.PdfiumError:
        raise CannotClean("broken") from None
    finally:
        document.close()


def _text(data: bytes) -> str:
    """What stands in a PDF for whoever looks at it. Where something is written that nobody sees, or a picture fills
    half of a page, its text says nothing: it is as a scan."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        if not all(_as_seen(page) for page in document):
            return ""
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)[:LONGEST_TEXT]
    except pypdfium2.PdfiumError:
        return ""
    finally:
        document.close()


def _as_seen(page) -> bool:
    """Whether each word of a page is drawn where it stands, in letters that an eye can read, and on no picture."""
    from pypdfium2 import raw

    whole = max(page.get_width() * page.get_height(), 1)
    things = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE], max_depth=8))
    boxes = {id(one): one.get_bounds() for one in things}
    pictures = [boxes[id(one)] for one in things if one.type == raw.FPDF_PAGEOBJ_IMAGE]
    if sum((right - left) * (top - bottom) for left, bottom, right, top in pictures) > whole / 2:
        return False
    drawn = page.render(scale=SEEN_SCALE).to_pil().convert("L")
    for one in things:
        if one.type != raw.FPDF_PAGEOBJ_TEXT:
            continue
        left, bottom, right, top = boxes[id(one)]
        if right <= left or top <= bottom:
            continue  # a blank
        hidden = raw.FPDFTextObj_GetTextRenderMode(one.raw) in (
            raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP,
        )  # fmt: skip
        if hidden or top - bottom < LEAST_LETTER or any(_meet(boxes[id(one)], other) for other in pictures):
            return False
        high = page.get_height()
        box = (left * SEEN_SCALE, (high - top) * SEEN_SCALE, right * SEEN_SCALE + 1, (high - bottom) * SEEN_SCALE + 1)
        darkest, lightest = drawn.crop(tuple(map(int, box))).getextrema()
        if lightest - darkest < LEAST_CONTRAST:
            return False
    return True


def _meet(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _shrunk(image):
    from PIL import Image

    drawn = image.convert("RGBA")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A sheet of its own: Pillow carries comments and profiles from image to image. What shows through a hole is paper.
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    return paper


# --- in a child -------------------------------------------------------------------------------------------------------


async def cleaned(data: bytes, *, known: bool = False) -> Cleaned:
    """``clean`` in a confined child process. Raises the same."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-m",
        "infra.cleaning",
        *((KNOWN,) if known else ()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            answer, _ = await child.communicate(data)
    except TimeoutError:
        raise CannotClean("took_too_long") from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    head, _, drawn = answer.partition(b"\n")
    words = head.decode("ascii", "replace").split()
    if len(words) == 6 and words[0] == "clean" and SIZES.fullmatch(words[5]):
        looks = words[4] if LOOKS.fullmatch(words[4]) else None
        parts: list[bytes] = []
        for size in words[5].split(","):
            parts.append(drawn[: int(size)])
            drawn = drawn[int(size) :]
        text, points, *views = parts
        seen = tuple(one for one in views if well_formed(one))
        found = points if well_formed(points) else None
        said = text.decode("utf-8", "replace")
        return Cleaned(words[1], int(words[2]), drawn, _heard(words[3]), looks, found, seen, said)
    raise CannotClean(words[1] if len(words) == 2 and words[0] == "cannot" else "broken")


def _said(taken: Taken | None) -> str:
    """One word for the parent."""
    if taken is None:
        return "-"
    place = "" if taken.latitude is None else f"{taken.latitude:.7f},{taken.longitude:.7f}"
    return f"{place};{(taken.at or '').replace(' ', 'T')}"


def _heard(word: str) -> Taken | None:
    """What the child said, read as a stranger's word: it opened a stranger's file."""
    found = SAID.fullmatch(word)
    if found is None:
        return None
    latitude, longitude, at = found.groups()
    place = (float(latitude), float(longitude)) if latitude and longitude else (None, None)
    if place[0] is not None and (abs(place[0]) > 90 or abs(place[1]) > 180):
        place = (None, None)
    return Taken(*place, at.replace("T", " ") if at else None)


def main() -> None:
    """Confines itself, takes a file from standard input, answers with what became of it."""
    import pypdfium2
    from PIL import JpegImagePlugin, PdfImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    pypdfium2.PdfDocument.new().close()  # its library is opened now: afterwards nothing may be
    known = KNOWN in sys.argv
    if known:
        import cv2

        cv2.setNumThreads(1)
    confine(Limits(cpu_seconds=10))
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        found = clean(data, known=known)
    except CannotClean as error:
        out.write(f"cannot {error.code}\n".encode())
    except Exception:  # whatever a made-up file provokes: its text may quote the file
        out.write(b"cannot broken\n")
    else:
        head = f"clean {found.media_type} {found.pages} {_said(found.taken)} {found.looks or '-'}"
        parts = (found.text.encode("utf-8", "replace"), found.points or b"", *found.views)
        sizes = ",".join(str(len(one)) for one in parts)
        out.write(f"{head} {sizes}\n".encode() + b"".join(parts) + found.data)
    out.flush()


if __name__ == "__main__":
    main()
