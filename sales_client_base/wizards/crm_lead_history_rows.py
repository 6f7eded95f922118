"""The arithmetic of imported history, without a database: what a cell says, how periods follow."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from math import isfinite
from re import compile as pattern

COLUMNS = (
    *("external_id", "name", "client", "salesperson", "team", "stage"),
    *("entered_at", "expected_revenue", "date_deadline", "lost_reason"),
)
TEXTS = ("external_id", "name", "client", "salesperson", "team", "stage", "lost_reason")
REQUIRED = ("external_id", "name", "stage", "entered_at")
# 31.03.2026 9:30, as Excel writes it in Russian
DOTTED = pattern(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T]+(\d{1,2})(:.+))?$")
FIRST_DAY = datetime(1990, 1, 1)  # noqa: DTZ001 (UTC without a zone, as Odoo stores it)


class CellError(ValueError):
    """What is wrong with one cell; ``code`` is turned into the user's words by the wizard."""

    def __init__(self, column: str, code: str, value=""):
        super().__init__(code)
        self.column, self.code, self.value = column, code, value


@dataclass(slots=True)
class Row:
    """One row of the file, each cell understood, names not looked up yet."""

    line: int
    external_id: str
    name: str
    client: str
    salesperson: str
    team: str
    stage: str
    lost_reason: str
    entered_at: datetime | None = None
    expected_revenue: float | None = None
    date_deadline: date | None = None


@dataclass(slots=True)
class Period:
    """One period of a deal, from the file or from the ledger.

    ``client`` and ``lost_reason`` are ids, or names of what is still to be made.
    """

    date_from: datetime
    stage: int
    user: int | None
    team: int | None
    client: int | str | None
    status: str
    lost_reason: int | str | None
    revenue: float
    deadline: date | None
    line: int = 0
    sequence: int = 0
    # what follows from the order
    date_to: datetime | None = None
    stage_entered_at: datetime | None = None
    is_entry: bool = True
    direction: str = "created"
    outcome: str = "none"
    qualified_at: datetime | None = None
    # where it is stored
    id: int | None = None
    source: str = "import"
    # what the file calls client and lost reason
    names: dict[str, str] = field(default_factory=dict)

    def facts(self) -> tuple:
        """Return what makes a new period when it changes."""
        return (
            *(self.stage, self.user, self.team, self.client, self.status, self.lost_reason),
            *(round(self.revenue, 6), self.deadline),
        )

    def same(self, other: "Period") -> bool:
        return self.date_from == other.date_from and self.facts() == other.facts()


def text(value) -> str:
    """Return a cell's text. A spreadsheet keeps the number 17 as 17.0."""
    if value is None or value is False:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def moment(value) -> datetime | None:
    """Return a moment in UTC without its zone; a moment that names no zone is UTC already."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        if not text(value):
            return None
        value = datetime.fromisoformat(DOTTED.sub(_iso, text(value)))
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _iso(dotted) -> str:
    day_, month, year, hour, rest = dotted.groups()
    return f"{year}-{month:0>2}-{day_:0>2}" + (f" {hour:0>2}{rest}" if hour else "")


def day(value) -> date | None:
    at = moment(value)
    return at and at.date()


def amount(value) -> float | None:
    """Return a number; spaces between thousands and a decimal comma are understood."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    else:
        digits = "".join(text(value).split())
        if not digits:
            return None
        if "," in digits and "." not in digits and digits.count(",") == 1:
            digits = digits.replace(",", ".")
        number = float(digits.replace(",", "") if "." in digits else digits)
    if not isfinite(number):
        raise ValueError(value)
    return number


def read_row(values: dict, line: int, now: datetime) -> tuple[Row, list[CellError]]:
    """Return the row, and all that is wrong with its cells as far as the file alone tells."""
    row = Row(line, **{name: text(values.get(name)) for name in TEXTS})
    errors = [CellError(name, "missing") for name in REQUIRED if not text(values.get(name))]
    readers = {"entered_at": moment, "expected_revenue": amount, "date_deadline": day}
    for column, reader in readers.items():
        try:
            setattr(row, column, reader(values.get(column)))
        except (ValueError, OverflowError):
            errors.append(CellError(column, reader.__name__, text(values.get(column))))
    if row.entered_at and not FIRST_DAY <= row.entered_at <= now:
        code = "future" if row.entered_at > now else "past"
        errors.append(CellError("entered_at", code, text(values["entered_at"])))
    return row, errors


def without_repeats(periods: list[Period], before: Period | None) -> list[Period]:
    """Leave out what changes nothing: a period goes on while its facts stay the same."""
    kept = []
    for period in periods:
        last = kept[-1] if kept else before
        if not last or last.facts() != period.facts():
            kept.append(period)
    return kept


def chain(periods: list[Period], before: Period | None, rank) -> list[Period]:
    """Return the periods with what follows from their order after ``before``.

    :param rank: gives what stages are ordered by
    """
    chained = []
    for period in periods:
        period = replace(period, date_to=None, id=None, source="import")
        if chained:
            chained[-1].date_to = period.date_from
        _follow(period, chained[-1] if chained else before, rank)
        chained.append(period)
    return chained


def _follow(period: Period, before: Period | None, rank):
    """Compare a period with the one before, as the live ledger does."""
    last_status = before.status if before else "pending"
    period.is_entry = not before or before.stage != period.stage
    period.stage_entered_at = period.date_from if period.is_entry else before.stage_entered_at
    period.qualified_at = (before and before.qualified_at) or period.date_from
    if before and not period.is_entry:
        period.direction = "none"
    elif before:
        period.direction = "forward" if rank(period) > rank(before) else "backward"
    if period.status != last_status:
        period.outcome = "reopened" if period.status == "pending" else period.status


@dataclass(slots=True)
class Plan:
    """What is to be written of one deal."""

    external_id: str
    name: str
    lead_id: int | None
    kept: list[Period]  # stored and staying; the last may be open and is then closed
    voided: list[int]  # ids of stored rows that the file corrects
    added: list[Period]

    def history(self) -> list[Period]:
        return [*self.kept, *self.added]


def plan_update(stored: list[Period], periods: list[Period], rank) -> tuple[list, list, list]:
    """Compare the file's periods of a deal with the stored ones.

    What lies before the file's first moment stays. A stored import that the file tells otherwise is
    voided and told again; what people did in Odoo since is never touched, only followed.

    :return: kept, voided, added; nothing added if the file tells nothing new
    :raise CellError: the file contradicts what was done in Odoo after the import
    """
    first, periods = _without_known(stored, periods)
    if not periods:
        return stored, [], []
    told = [period for period in stored[first:] if period.source == "import"]
    count = 0
    while count < min(len(told), len(periods)) and told[count].same(periods[count]):
        count += 1
    if count == len(periods):
        return stored, [], []
    rest = periods[count:]
    is_later = not stored or rest[0].date_from >= stored[-1].date_from
    if is_later and count == len(told):
        kept = stored
    else:
        kept = [*stored[:first], *told[:count]]
        _check_untouched(stored[len(kept) :], stored[: len(kept)], kept, rest[0])
        # a period that ends at another moment than stored is told again as well
        if kept and kept[-1].date_to not in (None, rest[0].date_from):
            rest.insert(0, kept.pop())
            _check_untouched(rest[:1], [], [], periods[count])
    before = kept[-1] if kept else None
    added = chain(without_repeats(rest, before), before, rank)
    voided = [period.id for period in stored[len(kept) :]] if added else []
    return kept, voided, added


def _without_known(stored: list[Period], periods: list[Period]) -> tuple[int, list[Period]]:
    """Return how many stored periods lie before the file's, less those that repeat what was."""
    while periods:
        first = sum(period.date_from < periods[0].date_from for period in stored)
        fresh = without_repeats(periods, stored[first - 1] if first else None)
        if len(fresh) == len(periods):
            return first, periods
        periods = fresh
    return 0, []


def _check_untouched(gone: list[Period], head: list[Period], kept: list[Period], new: Period):
    if any(period.source != "import" for period in gone) or any(
        one is not other for one, other in zip(head, kept, strict=True)
    ):
        raise CellError("entered_at", "touched", f"{new.date_from:%Y-%m-%d %H:%M:%S}")
