"""Arithmetic of periods: weeks (ISO), months, quarters and years, half-open, without a database."""

from datetime import date, timedelta

PERIOD_TYPES = ("week", "month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def bucket_start(period_type: str, day: date) -> date:
    """Return the first day of the period that contains ``day``."""
    if period_type == "week":
        return day - timedelta(days=day.weekday())
    months = MONTHS[period_type]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def bucket_end(period_type: str, start: date) -> date:
    """Return the first day after the period that begins on ``start``."""
    if period_type == "week":
        return start + timedelta(days=7)
    month = start.month - 1 + MONTHS[period_type]
    return date(start.year + month // 12, month % 12 + 1, 1)


def buckets(date_from: date, date_to: date) -> list[tuple[str, date]]:
    """Return ``(period_type, first day)`` of all periods that touch ``[date_from, date_to)``."""
    found = []
    for period_type in PERIOD_TYPES:
        start = bucket_start(period_type, date_from)
        while start < date_to:
            found.append((period_type, start))
            start = bucket_end(period_type, start)
    return found
