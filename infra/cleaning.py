"""A stranger's picture or PDF made harmless: drawn anew by a confined child, so that nobody opens what was sent.

Whatever a file carries besides what it shows (scripts, attached files, places and times of a photo, a second file
behind the first) stays behind. One page
becomes a JPEG, several become a PDF of pictures (OWASP File Upload Cheat Sheet).
"""

# pyright: basic
# (the libraries that know the formats carry no types)

import asyncio
import io
import os
import sys
from contextlib import suppress
from dataclasses import dataclass

from infra.confinement import Limits, confine

PATIENCE = 30.0  # seconds for the child, which may compute for ten
MOST_PIXELS = 40_000_000
MOST_PAGES = 20
LONGEST_SIDE = 2_000  # pixels: print of eight points on A4 stays legible
QUALITY = 80
JPEG, PDF = "image/jpeg", "application/pdf"


class CannotClean(Exception):
    """``code``: not_a_picture, too_many_pixels, too_many_pages, encrypted, broken, took_too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``media_type``: image/jpeg or application/pdf."""

    media_type: str
    pages: int
    data: bytes


def clean(data: bytes) -> Cleaned:
    """Draw the file anew, in this process. Raises :class:`CannotClean`."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        pages = [_shrunk(page) for page in _pages(data)]
        out = io.BytesIO()
        if len(pages) == 1:
            pages[0].save(out, "JPEG", quality=QUALITY)
            return Cleaned(JPEG, 1, out.getvalue())
        pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], quality=QUALITY, resolution=170)
        return Cleaned(PDF, len(pages), out.getvalue())
    out = io.BytesIO()
    _shrunk(_picture(data)).save(out, "JPEG", quality=QUALITY)
    return Cleaned(JPEG, 1, out.getvalue())


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
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError):
        raise CannotClean("broken") from None


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


def _shrunk(image):
    from PIL import Image

    drawn = image.convert("RGBA")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A sheet of its own: Pillow carries comments and profiles from image to image. What shows through a hole is paper.
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    return paper


# --- in a child -------------------------------------------------------------------------------------------------------


async def cleaned(data: bytes) -> Cleaned:
    """``clean`` in a confined child process. Raises the same."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-m",
        "infra.cleaning",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
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
    if len(words) == 3 and words[0] == "clean":
        return Cleaned(words[1], int(words[2]), drawn)
    raise CannotClean(words[1] if len(words) == 2 and words[0] == "cannot" else "broken")


def main() -> None:
    """Confines itself, takes a file from standard input, answers with what became of it."""
    import pypdfium2
    from PIL import JpegImagePlugin, PdfImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    pypdfium2.PdfDocument.new().close()  # its library is opened now: afterwards nothing may be
    confine(Limits(cpu_seconds=10))
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        found = clean(data)
    except CannotClean as error:
        out.write(f"cannot {error.code}\n".encode())
    except Exception:  # whatever a made-up file provokes: its text may quote the file
        out.write(b"cannot broken\n")
    else:
        out.write(f"clean {found.media_type} {found.pages}\n".encode() + found.data)
    out.flush()


if __name__ == "__main__":
    main()
