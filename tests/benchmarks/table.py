"""One benchmark's result, and the table of all of them."""

from dataclasses import dataclass

HEADERS = ("what", "ours", "reference", "ratio", "target", "ok?")


@dataclass(frozen=True)
class Result:
    """A figure of ours beside plain SQL's or native Odoo's of the same run."""

    what: str
    ours: str
    reference: str
    ratio: str
    target: str
    is_ok: bool

    def cells(self) -> tuple[str, ...]:
        verdict = "yes" if self.is_ok else "NO"
        return (self.what, self.ours, self.reference, self.ratio, self.target, verdict)


def compared(what: str, ours: float, reference: float, limit: float, note: str = "") -> Result:
    """Return the result of two times in seconds: ours may be ``limit`` times the other."""
    ratio = ours / reference
    return Result(
        what,
        seconds(ours),
        seconds(reference),
        f"{ratio:.2f}",
        f"≤ {limit:g} ×{note}",
        ratio <= limit,
    )


def limited(what: str, ours: float, limit: float, unit: str = "s") -> Result:
    """Return the result of a figure with an absolute limit."""
    text = seconds(ours) if unit == "s" else f"{ours:,.0f} {unit}"
    return Result(what, text, "", "", f"≤ {limit:g} {unit}", ours <= limit)


def beside(
    what: str, ours: float, reference: float, limit: float, ratio: float | None = None
) -> Result:
    """Return the result of a time with a limit in seconds, and one beside the reference if any."""
    target = f"≤ {limit:g} s" + (f", ≤ {ratio:g} ×" if ratio else "")
    is_ok = ours <= limit and (ratio is None or ours <= ratio * reference)
    return Result(what, seconds(ours), seconds(reference), f"{ours / reference:.2f}", target, is_ok)


def failed(what: str, reason: str) -> Result:
    """Return the result of what could not be measured: never a number."""
    return Result(what, f"FAILED: {reason}", "", "", "", False)


def seconds(value: float) -> str:
    return f"{value * 1000:,.1f} ms" if value < 1 else f"{value:,.2f} s"


def printed(results: list[Result]) -> str:
    rows = [HEADERS, *(result.cells() for result in results)]
    widths = [
        max(len(row[column]) for row in rows if not row[1].startswith("FAILED"))
        for column in range(len(HEADERS))
    ]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
