"""Where a picture has corners and spots, how each looks around, and how one picture lies upon another by them.

A photo that is turned, mirrored, cut, framed, stamped or put on a larger sheet keeps most of its points where they were
to each other; another photo of the same place does not, since what is near moves more than what is far. Points are SIFT
(David Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004), free of patents since 2020.

They are taken in the confined child that draws the photo, and laid upon each other where the photo is kept.
"""

# pyright: basic
# (OpenCV's arrays carry no types here)

from dataclasses import dataclass

LONGEST = 512  # pixels of the longest side on which points are looked for
# So many fields across and down, of which each gives its strongest points: a stamp of letters has no field but its own.
FIELDS, OF_EACH = 6, 6
LEAST = 8  # points: a picture with fewer is of one colour, and known by its looks or its hash
MOST = FIELDS * FIELDS * OF_EACH
SIZE = 128  # bytes of one point's description
HEAD = 4  # bytes: width and height
ENTRY = 4 + SIZE
# How much nearer the nearest point of the other picture is than the next one, to be taken for the same.
CLEARLY = 0.9
# In pixels: within the first two points lie upon each other, within the second they are meant to.
UPON, ABOUT, ROUGHLY = 1.2, 14.0, 3.0
# Pairs of which each two make a guess of how one picture lies upon the other.
GUESSED_FROM = 24


@dataclass(frozen=True, slots=True)
class Laid:
    """How one picture lies upon another. ``points``: that lie upon each other; in thousandths ``share``: of those that
    could, ``spread``: the part of the picture between them, ``exact``: of those that are about there, how many lie
    right."""

    points: int
    share: int
    spread: int
    exact: int


NOWHERE = Laid(0, 0, 0, 0)


def points_of(picture) -> bytes | None:
    """The points of a picture in at most 29 KB; None for one that has none."""
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    small = picture.convert("L")
    small.thumbnail((LONGEST, LONGEST))
    wide, high = small.size
    finder = cv2.SIFT_create(nfeatures=2_000, contrastThreshold=0.015)  # pyright: ignore[reportAttributeAccessIssue]
    found, looks = finder.detectAndCompute(np.asarray(small), None)
    if looks is None or len(found) < LEAST:
        return None
    chosen: dict[tuple[int, int], list[int]] = {}
    for at in sorted(range(len(found)), key=lambda n: -found[n].response * found[n].size ** 0.5):
        x, y = found[at].pt
        field = chosen.setdefault((int(x * FIELDS / wide), int(y * FIELDS / high)), [])
        if len(field) < OF_EACH and not any(_same(found[at], found[other]) for other in field):
            field.append(at)
    kept = [at for field in chosen.values() for at in field][:MOST]
    if len(kept) < LEAST:
        return None
    places = np.array([found[at].pt for at in kept]) * 64  # to a sixty-fourth of a pixel, in two bytes
    entries = np.hstack((np.round(places).astype("<u2").view(np.uint8), np.clip(looks[kept], 0, 255).astype(np.uint8)))
    return np.array((wide, high), "<u2").tobytes() + entries.tobytes()


def _same(one, other) -> bool:
    near = abs(one.pt[0] - other.pt[0]) + abs(one.pt[1] - other.pt[1]) <= 1
    return near and abs(one.angle - other.angle) <= 15


def well_formed(points: bytes) -> bool:
    """Whether these are points at all: they come from a child that opened a stranger's file."""
    return (
        len(points) >= HEAD + LEAST * ENTRY
        and (len(points) - HEAD) % ENTRY == 0
        and len(points) <= (HEAD + MOST * ENTRY)
    )


class Picture:
    """The points of one picture, ready to be laid upon others."""

    def __init__(self, points: bytes) -> None:
        import numpy as np

        self.wide, self.high = (int(side) for side in np.frombuffer(points[:HEAD], "<u2"))
        entries = np.frombuffer(points, np.uint8, offset=HEAD).reshape(-1, ENTRY)
        places = np.ascontiguousarray(entries[:, :4]).view("<u2") / 64
        self.at = places[:, 0] + 1j * places[:, 1]
        looks = entries[:, 4:].astype(np.float32)
        # By the root of each part (Arandjelović and Zisserman, 2012): strong edges count for less.
        self.looks = np.sqrt(looks / np.maximum(looks.sum(1, keepdims=True), 1e-6))

    def mirrored(self) -> "Picture":
        """As a mirror shows it: around each point left is right, and turns go the other way."""
        import numpy as np

        other = object.__new__(Picture)
        other.wide, other.high, other.at = self.wide, self.high, self.wide - 1 - self.at.conj()
        parts = self.looks.reshape(-1, 4, 4, 8)[:, ::-1, :, :]
        other.looks = np.ascontiguousarray(parts[..., [0, 7, 6, 5, 4, 3, 2, 1]].reshape(-1, SIZE))
        return other


def laid_upon(one: Picture, mirrored: Picture, other: Picture) -> Laid:
    """How a picture or its mirrored one, whichever fits, lies upon another: turned, moved, larger or smaller."""
    return max((_laid(one, other), _laid(mirrored, other)), key=lambda found: found.points)


def _laid(one: Picture, other: Picture) -> Laid:
    import numpy as np

    mine, theirs = _pairs(one, other)
    if len(mine) < LEAST:
        return NOWHERE
    here, there = one.at[mine], other.at[theirs]
    guess = _guessed(here, there)
    if guess is None:
        return NOWHERE
    by, to, upon = guess
    for within in (ROUGHLY, ROUGHLY, UPON):
        middle, target = here[upon].mean(), there[upon].mean()
        turns = here[upon] - middle
        by = ((there[upon] - target) * turns.conj()).sum() / max((abs(turns) ** 2).sum(), 1e-9)
        to = target - by * middle
        off = abs(by * here + to - there) / max(1.0, abs(by))
        upon = off < within
        if upon.sum() < 4 or abs(by) < 1e-6:
            return NOWHERE
    points = int(upon.sum())
    could = min(_inside(by * one.at + to, other), _inside((other.at - to) / by, one))
    if not np.isfinite(off).all():
        return NOWHERE
    return Laid(
        points=points,
        share=1_000 * points // max(1, could),
        spread=int(1_000 * max(_between(here[upon], one), _between(there[upon], other))),
        exact=1_000 * points // max(1, int((off < ABOUT).sum())),
    )


def _pairs(one: Picture, other: Picture):
    """Points that are each other's nearest, and clearly so."""
    import numpy as np

    alike = one.looks @ other.looks.T
    rows = np.arange(len(alike))
    nearest = alike.argmax(1)
    best = alike[rows, nearest].copy()
    both = alike.argmax(0)[nearest] == rows
    if both.sum() < LEAST:
        return rows[:0], rows[:0]
    alike[rows, nearest] = -1
    next_one = alike.max(1)
    clear = both & (np.sqrt(np.maximum(2 - 2 * best, 0)) < CLEARLY * np.sqrt(np.maximum(2 - 2 * next_one, 1e-9)))
    order = np.argsort(-best[clear], kind="stable")
    return rows[clear][order], nearest[clear][order]


def _guessed(here, there):
    """Each two of the nearest pairs say a turn, a size and a shift: those that lay most points upon each other."""
    import numpy as np

    first, second = np.triu_indices(min(len(here), GUESSED_FROM), 1)
    apart = here[first] - here[second]
    first, second, apart = (part[abs(apart) > 20] for part in (first, second, apart))
    by = (there[first] - there[second]) / apart
    possible = (abs(by) > 0.2) & (abs(by) < 5)
    first, by = first[possible], by[possible]
    if not len(by):
        return None
    to = there[first] - by * here[first]
    off = abs(by[:, None] * here + to[:, None] - there)
    upon = off < ROUGHLY * np.maximum(1, abs(by))[:, None]
    best = upon.sum(1).argmax()
    return (by[best], to[best], upon[best]) if upon[best].sum() >= 4 else None


def _inside(places, picture: Picture) -> int:
    across = (places.real > 0) & (places.real < picture.wide)
    return int((across & (places.imag > 0) & (places.imag < picture.high)).sum())


def _between(places, picture: Picture) -> float:
    import numpy as np

    across, down = (np.percentile(part, (2, 98)) for part in (places.real, places.imag))
    return float((across[1] - across[0]) * (down[1] - down[0]) / (picture.wide * picture.high))
