"""Charts as SVG of our own: a title, axes with figures, and nothing that is loaded from anywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 64, 44
# Told apart also without colour: the second policy is dashed or hatched.
COLOURS = ("#0b6e6e", "#b4531a", "#3d4f9f", "#7a7a1f", "#8a2f6b", "#4a4a4a")
DASHED = "6 4"
INK, GRID = "#222", "#ddd"
FONT = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
STEPS = 4
NICE = (1, 2, 2.5, 5, 10)
Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """``colour``: by its place; ``second``: of the second policy."""

    name: str
    values: Sequence[float]
    colour: int = 0
    second: bool = False


def lines(
    title: str, series: Sequence[Series], ticks: Sequence[str], told: Format, *, bar_at: float | None = None
) -> str:
    """Lines over equal steps. ``bar_at``: a limit that is drawn across."""
    top = _top([value for one in series for value in one.values] + ([bar_at] if bar_at is not None else []))
    parts = _frame(title, ticks, top, told)
    parts += _legend(series)
    step = _plot_width() / max(1, len(ticks) - 1)
    for one in series:
        if not one.values:
            continue
        points = " ".join(f"{LEFT + n * step:.1f},{_y(value, top):.1f}" for n, value in enumerate(one.values))
        dash = f' stroke-dasharray="{DASHED}"' if one.second else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_colour(one)}" stroke-width="2"{dash}/>')
    if bar_at is not None:
        parts.append(_across(bar_at, top))
    return _svg(title, parts)


def bars(
    title: str, series: Sequence[Series], ticks: Sequence[str], told: Format, *, limit: tuple[int, str] | None = None
) -> str:
    """Bars beside each other. ``limit``: a line before the bar of this place, with its words."""
    top = _top([value for one in series for value in one.values])
    parts = ['<defs><pattern id="h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">']
    parts += [
        f'<rect width="6" height="6" fill="{COLOURS[1]}"/><rect width="2" height="6" fill="#fff"/></pattern></defs>'
    ]
    parts += _frame(title, ticks, top, told, between=True)
    parts += _legend(series)
    slot = _plot_width() / max(1, len(ticks))
    width = slot * 0.7 / max(1, len(series))
    for place, one in enumerate(series):
        for n, value in enumerate(one.values):
            x, y = LEFT + n * slot + slot * 0.15 + place * width, _y(value, top)
            fill = "url(#h)" if one.second else _colour(one)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT - BOTTOM - y:.1f}" fill="{fill}"/>'
            )
    if limit is not None:
        x = LEFT + limit[0] * slot
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#a00" stroke-width="2"/>'
        )
        parts.append(_text(x - 4, TOP + 12, limit[1], anchor="end", fill="#a00"))
    return _svg(title, parts)


def _frame(title: str, ticks: Sequence[str], top: float, told: Format, *, between: bool = False) -> list[str]:
    parts = [_text(LEFT, 22, title, size=16, weight=600)]
    for n in range(STEPS + 1):
        value = top * n / STEPS
        y = _y(value, top)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(_text(LEFT - 6, y + 4, told(value), anchor="end"))
    every = max(1, -(-len(ticks) // 12))
    step = _plot_width() / max(1, len(ticks) if between else len(ticks) - 1)
    for n, tick in enumerate(ticks):
        if n % every == 0:
            x = LEFT + n * step + (step / 2 if between else 0)
            parts.append(_text(x, HEIGHT - BOTTOM + 18, tick, anchor="middle"))
    return parts


def _legend(series: Sequence[Series]) -> list[str]:
    parts: list[str] = []
    slot = _plot_width() / max(1, min(len(series), 4))
    for n, one in enumerate(series):
        x, y = LEFT + n % 4 * slot, 38 + n // 4 * 14
        dash = f' stroke-dasharray="{DASHED}"' if one.second else ""
        parts.append(
            f'<line x1="{x:.1f}" x2="{x + 18:.1f}" y1="{y}" y2="{y}" stroke="{_colour(one)}" stroke-width="3"{dash}/>'
        )
        parts.append(_text(x + 24, y + 4, one.name))
    return parts


def _across(value: float, top: float) -> str:
    y = _y(value, top)
    return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#a00" stroke-width="2"/>'


def _text(
    x: float, y: float, words: str, *, size: int = 11, anchor: str = "start", fill: str = INK, weight: int = 400
) -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def _svg(title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}">'
    white = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", white, *parts, "</svg>", ""])


def _colour(one: Series) -> str:
    return COLOURS[one.colour % len(COLOURS)]


def _plot_width() -> int:
    return WIDTH - LEFT - RIGHT


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value / top if top else 0)


def _top(values: Sequence[float]) -> float:
    """A round number that holds all of them."""
    most = max(values, default=0.0)
    if most <= 0:
        return 1.0
    power = 1.0
    while power > most:
        power /= 10
    while power * 10 <= most:
        power *= 10
    return next(power * nice for nice in NICE if power * nice >= most)
