"""Small charts as numbers for a template's SVG; a table with the same figures always stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 120
GAP = 8


@dataclass(frozen=True)
class Bar:
    """A rectangle of a chart: which series it is of, and where it stands."""

    series: int
    x: float
    y: float
    width: float
    height: float


def bars(groups: Sequence[Sequence[int]]) -> list[Bar]:
    """Upright bars, side by side in groups, the highest as high as the chart."""
    highest = max((number for group in groups for number in group), default=0)
    if not highest:
        return []
    step = WIDTH / len(groups)
    found = []
    for place, group in enumerate(groups):
        width = (step - GAP) / len(group)
        for series, number in enumerate(group):
            height = round(HEIGHT * number / highest, 1)
            x = round(place * step + GAP / 2 + series * width, 1)
            found.append(Bar(series, x, round(HEIGHT - height, 1), round(width, 1), height))
    return found


def parts(counts: Sequence[int], longest: int) -> list[Bar]:
    """One lying bar cut into parts; the longest bar is as long as the chart is wide."""
    found, x = [], 0.0
    for series, number in enumerate(counts):
        width = round(WIDTH * number / longest, 1) if longest else 0.0
        if width:
            found.append(Bar(series, round(x, 1), 0, width, HEIGHT))
        x += width
    return found
