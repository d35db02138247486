"""Small plots as SVG: bars, curves, reliability, histograms, cost against size.

Colours come from the page's style sheet by class, so that plots follow light and dark; each plot
has a label for screen readers. Text is escaped here. Not here: figures (`summary`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 14, 40
_COLOURS = 4

Point = tuple[float, float]


class _Canvas:
    """A plot under construction; coordinates are in units of the data."""

    def __init__(
        self, x: Point, y: Point, *, log_x: bool = False, log_y: bool = False, height: int = HEIGHT
    ) -> None:
        self.x, self.y, self.log_x, self.log_y, self.height = x, y, log_x, log_y, height
        self.parts: list[str] = []

    def at(self, x: float, y: float) -> Point:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * _share(x, self.x, self.log_x),
            self.height - BOTTOM - (self.height - TOP - BOTTOM) * _share(y, self.y, self.log_y),
        )

    def grid(self, xs: Sequence[float], ys: Sequence[float], names: tuple[str, str]) -> None:
        for value in xs:
            x, y = self.at(value, self.y[0])
            self.text(x, y + 15, _tick(value), "middle")
        for value in ys:
            x, y = self.at(self.x[0], value)
            self.parts.append(f'<path class="grid" d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}"/>')
            self.text(x - 6, y + 4, _tick(value), "end")
        self.text((LEFT + WIDTH - RIGHT) / 2, self.height - 6, names[0], "middle", "axis")
        middle = (TOP + self.height - BOTTOM) / 2
        self.parts.append(
            f'<text class="axis" text-anchor="middle" transform="translate(12 {middle:.0f}) '
            f'rotate(-90)">{escape(names[1])}</text>'
        )

    def text(
        self, x: float, y: float, text: str, anchor: str = "start", kind: str = "tick"
    ) -> None:
        self.parts.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )

    def line(self, points: Sequence[Point], kind: str) -> None:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (self.at(*p) for p in points))
        self.parts.append(f'<path class="line {kind}" d="M{path}"/>')

    def dot(self, x: float, y: float, kind: str, title: str, r: float = 4) -> None:
        cx, cy = self.at(x, y)
        self.parts.append(
            f'<circle class="dot {kind}" cx="{cx:.1f}" cy="{cy:.1f}" r="{r:.1f}">'
            f"<title>{escape(title)}</title></circle>"
        )

    def box(self, left: Point, right: Point, kind: str, title: str) -> None:
        (x1, y1), (x2, y2) = self.at(*left), self.at(*right)
        self.parts.append(
            f'<rect class="bar {kind}" x="{min(x1, x2):.1f}" y="{min(y1, y2):.1f}" '
            f'width="{abs(x2 - x1):.1f}" height="{abs(y2 - y1):.1f}">'
            f"<title>{escape(title)}</title></rect>"
        )

    def svg(self, name: str) -> str:
        return (
            f'<svg viewBox="0 0 {WIDTH} {self.height}" role="img" aria-label="{escape(name)}" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(self.parts)}</svg>'
        )


def _share(value: float, span: Point, log: bool) -> float:
    if log:
        value, span = math.log10(value), (math.log10(span[0]), math.log10(span[1]))
    return (value - span[0]) / ((span[1] - span[0]) or 1.0)


def _tick(value: float) -> str:
    if value >= 1000:
        return f"{float(f'{value / 1000:.2g}'):g}k"
    return f"{float(f'{value:.2g}'):g}"


Bar = tuple[str, float, float, float]
"""Label, value, lower and upper end of its interval."""


def bars(rows: Sequence[Bar], name: str, marks: Sequence[Sequence[tuple[str, float]]] = ()) -> str:
    """Horizontal bars on a scale of 0 to 1, intervals as whiskers.

    `marks` has for each bar the (label, value) of other systems, shown as lines across it.
    """
    height = TOP + BOTTOM + 30 * len(rows)
    wide = _Canvas((-0.32, 1.0), (len(rows), 0), height=height)
    for value in (0, 0.25, 0.5, 0.75, 1):
        x, y = wide.at(value, len(rows))
        wide.parts.append(f'<path class="grid" d="M{x:.1f} {y:.1f}V{TOP}"/>')
        wide.text(x, y + 15, _tick(value), "middle")
    for n, (label, value, low, high) in enumerate(rows):
        title = f"{label}: {value:.3f} ({low:.3f} … {high:.3f})"
        wide.box((0, n + 0.2), (value, n + 0.8), "c0", title)
        (x1, y), (x2, _) = wide.at(low, n + 0.5), wide.at(high, n + 0.5)
        wide.parts.append(
            f'<path class="whisker" d="M{x1:.1f} {y:.1f}H{x2:.1f}M{x1:.1f} {y - 4:.1f}v8'
            f'M{x2:.1f} {y - 4:.1f}v8"/>'
        )
        wide.text(wide.at(0, 0)[0] - 8, y + 4, label, "end")
    for n, others in enumerate(marks):
        for what, value in others:
            (x, top), (_, bottom) = wide.at(value, n + 0.08), wide.at(value, n + 0.92)
            wide.parts.append(
                f'<path class="mark" d="M{x:.1f} {top:.1f}V{bottom:.1f}">'
                f"<title>{escape(f'{what}: {value:g}')}</title></path>"
            )
    wide.text(wide.at(0.5, 0)[0], height - 6, name, "middle", "axis")
    return wide.svg(name)


def risk_coverage(points: Sequence[Point]) -> str:
    """Risk against coverage, most confident questions first."""
    name = "share answered wrongly, against share answered"
    canvas = _Canvas((0, 1), (0, max(0.1, *(risk for _, risk in points))))
    ticks = [t for t in (0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1) if t <= canvas.y[1]]
    if canvas.y[1] > 0.4:
        ticks = [t for t in ticks if t != 0.05]
    canvas.grid((0, 0.25, 0.5, 0.75, 1), ticks, ("coverage, most confident first", "risk"))
    canvas.line([(0, 0.05), (1, 0.05)], "guide")
    canvas.line(points, "c0")
    return canvas.svg(name)


def reliability(bins: Sequence[tuple[float, float, int]]) -> str:
    """Share of answerable questions against confidence; the diagonal is a perfect predictor."""
    canvas = _Canvas((0, 1), (0, 1))
    ticks = (0, 0.25, 0.5, 0.75, 1)
    canvas.grid(ticks, ticks, ("confidence", "answerable"))
    canvas.line([(0, 0), (1, 1)], "guide")
    canvas.line([(x, y) for x, y, _ in bins], "c0")
    for x, y, n in bins:
        canvas.dot(x, y, "c0", f"confidence {x:.2f}: {y:.2f} of {n} answerable")
    return canvas.svg("share of answerable questions against confidence")


def histogram(counts: Sequence[int], edges: Sequence[float], name: str) -> str:
    """A histogram of milliseconds on a log scale: the counts between the edges."""
    most = max(counts) or 1
    canvas = _Canvas((edges[0], edges[-1]), (0, most), log_x=True, height=190)
    low, high = math.log10(edges[0]), math.log10(edges[-1])
    ticks = [10 ** (low + (high - low) * i / 4) for i in range(5)]
    canvas.grid(ticks, (0, most), ("milliseconds", "questions"))
    for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
        if count:
            canvas.box((left, 0), (right, count), "c0", f"{left:.3g}–{right:.3g} ms: {count}")
    return canvas.svg(name)


def sizes(series: Mapping[str, Sequence[Point]], names: tuple[str, str]) -> str:
    """Curves of cost against size, both on log scales, with a legend."""
    points = [p for line in series.values() for p in line]
    xs, ys = sorted({x for x, _ in points}), [y for _, y in points]
    low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)))
    height = HEIGHT + 18 * len(series)
    canvas = _Canvas(
        (xs[0] / 1.3, xs[-1] * 1.3), (low, high), log_x=True, log_y=True, height=height
    )
    decades = [10.0**e for e in range(round(math.log10(low)), round(math.log10(high)) + 1)]
    canvas.grid(xs, decades, names)
    for n, (label, line) in enumerate(series.items()):
        kind = f"c{n % _COLOURS}"
        canvas.line(line, kind)
        for x, y in line:
            canvas.dot(x, y, kind, f"{label}: {y:.3g} at {x:g}", 3.5)
        top = TOP + 10 + 16 * n
        canvas.parts.append(
            f'<path class="line {kind}" d="M{LEFT + 10} {top - 4}h18"/>'
            f'<text class="tick" x="{LEFT + 34}" y="{top}">{escape(label)}</text>'
        )
    return canvas.svg(f"{names[1]} against {names[0]}")
