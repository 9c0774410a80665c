"""A measured figure beside its bar."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is the figure against its bar: at most 1 is met where less is better, at least 1 where more is."""

    row: str
    value: str
    bar: str
    ratio: float
    met: bool
    note: str = ""


def below(row: str, value: float, bar: float, unit: str, note: str = "") -> Figure:
    """Less is better."""
    return Figure(row, f"{value:.4g} {unit}", f"≤ {bar:g} {unit}", value / bar, value <= bar, note)


def above(row: str, value: float, bar: float, unit: str, note: str = "") -> Figure:
    """More is better."""
    return Figure(row, f"{value:.4g} {unit}", f"≥ {bar:g} {unit}", value / bar, value >= bar, note)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_figures(figures: Sequence[Figure]) -> None:
    """A table for people."""
    head = Figure("row", "figure", "bar", 0, met=True)
    widths = [max(len(getattr(f, name)) for f in (*figures, head)) for name in ("row", "value", "bar")]
    line = f"{{:<{widths[0]}}}  {{:>{widths[1]}}}  {{:>{widths[2]}}}  {{:>6}}  {{:<4}}  {{}}"
    print()
    print(line.format("row", "figure", "bar", "ratio", "met", "note"))
    for f in figures:
        print(line.format(f.row, f.value, f.bar, f"{f.ratio:.2f}", "yes" if f.met else "NO", f.note))
