"""What a picture is known by however it is saved: a difference hash, of the whole and with margins cut off.

The hash is Neal Krawetz's ("Kind of Like That", Hacker Factor, 2013), across and down: which of two neighbouring cells
of the picture made small is brighter. Looks of cut margins find a picture in the one that it was cut from.
"""

# pyright: basic
# (Pillow's pictures carry no types here)

# What is cut off left, above, right and below, as a part of the whole; the first is the whole.
CUTS = (
    (0.0, 0.0, 0.0, 0.0),
    *((0.05, 0.0, 0.0, 0.0), (0.0, 0.05, 0.0, 0.0), (0.0, 0.0, 0.05, 0.0), (0.0, 0.0, 0.0, 0.05)),
    *((0.05, 0.05, 0.0, 0.0), (0.0, 0.05, 0.05, 0.0), (0.05, 0.0, 0.0, 0.05), (0.0, 0.0, 0.05, 0.05)),
    *((0.025, 0.025, 0.025, 0.025), (0.05, 0.05, 0.05, 0.05)),
)
SMALL = 256  # pixels of the longest side of which looks are taken
# Between the darkest and the brightest cell, of 255: below that a picture shows nothing to be known by.
FLAT = 16


def looks_of(picture) -> str | None:
    """128 zeros and ones for each of ``CUTS``, one after the other; None for a picture of one colour."""
    from PIL.Image import Resampling

    small = picture.convert("L")
    small.thumbnail((SMALL, SMALL), Resampling.LANCZOS)
    width, height = small.size
    found = ""
    for left, above, right, below in CUTS:
        box = (width * left, height * above, width * (1 - right), height * (1 - below))
        across, down = (small.resize(size, Resampling.LANCZOS, box).tobytes() for size in ((9, 8), (8, 9)))
        if not found and max(across) - min(across) < FLAT:
            return None
        found += _look(across, down)
    return found


def _look(across: bytes, down: bytes) -> str:
    right = (across[9 * y + x] > across[9 * y + x + 1] for y in range(8) for x in range(8))
    below = (down[8 * y + x] > down[8 * (y + 1) + x] for y in range(8) for x in range(8))
    return "".join("1" if brighter else "0" for part in (right, below) for brighter in part)
