"""How a timeline's points are made."""

from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

NO_CALENDAR_HOURS = 8.0
SATURDAY = 5


class ResourceCalendarTimeline(models.Model):
    _inherit = "resource.calendar.timeline"

    def _rebuild(self, date_from: datetime, date_to: datetime):
        """Build all points anew; the ledger's hours are then measured again."""
        self.ensure_one()
        # Two transactions that build the same timeline: the second is retried by Odoo.
        self.env.cr.execute(
            SQL(
                """SELECT fingerprint FROM resource_calendar_timeline
                    WHERE id = %s FOR NO KEY UPDATE""",
                self.id,
            )
        )
        was_built = self.env.cr.fetchone()[0] is not None
        self.env.cr.execute(
            SQL("DELETE FROM resource_calendar_timeline_point WHERE timeline_id = %s", self.id)
        )
        points = self._points(date_from, date_to)
        points[-1] = (date_to, points[-1][1], None)
        self._insert_points(points)
        self._set_built(date_from, date_to, is_ledger_stale=was_built)

    def _extend(self, date_from: datetime, date_to: datetime):
        """Add points before and after those built."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                """SELECT built_from, built_to FROM resource_calendar_timeline
                    WHERE id = %s FOR NO KEY UPDATE""",
                self.id,
            )
        )
        built_from, built_to = self.env.cr.fetchone()
        [[first, last]] = self.env.execute_query(
            SQL(
                """SELECT MIN(seconds), MAX(seconds) FROM resource_calendar_timeline_point
                    WHERE timeline_id = %s""",
                self.id,
            )
        )
        if date_from < built_from:
            points = self._points(date_from, built_from)
            shift = first - points.pop()[1]
            self._insert_points([(at, seconds + shift, works) for at, seconds, works in points])
        if date_to > built_to:
            self.env.cr.execute(
                SQL(
                    """DELETE FROM resource_calendar_timeline_point
                        WHERE timeline_id = %s AND at = %s""",
                    self.id,
                    built_to,
                )
            )
            points = self._points(built_to, date_to)
            points[-1] = (date_to, points[-1][1], None)
            self._insert_points([(at, seconds + last, works) for at, seconds, works in points])
        self._set_built(min(date_from, built_from), max(date_to, built_to))

    def _set_built(self, date_from: datetime, date_to: datetime, is_ledger_stale: bool = False):
        self.env.cr.execute(
            SQL(
                """UPDATE resource_calendar_timeline AS timeline
                      SET built_from = %s, built_to = %s, fingerprint = (%s),
                          is_ledger_stale = is_ledger_stale IS TRUE OR %s
                    WHERE id = %s""",
                date_from,
                date_to,
                self._sql_fingerprint(),
                is_ledger_stale,
                self.id,
            )
        )
        self.invalidate_recordset(flush=False)

    def _points(self, date_from: datetime, date_to: datetime) -> list[tuple]:
        """Return ``(at, working seconds since date_from, whether work begins)``, UTC.

        The first point is ``date_from``, the last one ``date_to``.
        """
        points = [(date_from, 0.0, False)]
        for start, stop in self._work_intervals(utc.localize(date_from), utc.localize(date_to)):
            last_at, seconds, _works = points[-1]
            if start < last_at:  # overlapping attendances of an older database
                start = last_at
            if start >= stop:
                continue
            if start == last_at:
                points.pop()
            points.append((start, seconds, True))
            points.append((stop, seconds + (stop - start).total_seconds(), False))
        if points[-1][0] < date_to:
            points.append((date_to, points[-1][1], False))
        return points

    def _insert_points(self, points: list[tuple]):
        moments, seconds, works = zip(*points, strict=True)
        self.env.cr.execute(
            SQL(
                """INSERT INTO resource_calendar_timeline_point
                          (timeline_id, at, seconds, is_working)
                   SELECT %s, at, seconds, is_working
                     FROM unnest(%s::timestamp[], %s::float8[], %s::boolean[])
                          AS point (at, seconds, is_working)""",
                self.id,
                list(moments),
                list(seconds),
                list(works),
            )
        )

    def _work_intervals(self, start: datetime, stop: datetime) -> list[tuple[datetime, datetime]]:
        """Return the working intervals, naive UTC, in order."""
        # Holidays and attendances count for all, also where the reader may not see the calendar.
        calendar = self.sudo().calendar_id
        tz = timezone(self.tz)
        domain = self._leave_domain()
        if calendar and not calendar.flexible_hours:
            intervals = calendar._work_intervals_batch(start, stop, domain=domain, tz=tz)[False]
            intervals = [(begin, end) for begin, end, _lines in intervals]
        else:
            leaves = calendar._leave_intervals_batch(start, stop, domain=domain, tz=tz)[False]
            hours = calendar.hours_per_day if calendar else NO_CALENDAR_HOURS
            intervals = self._without(
                self._flexible_intervals(start, stop, hours),
                [(begin, end) for begin, end, _leave in leaves],
            )
        return [
            (begin.astimezone(utc).replace(tzinfo=None), end.astimezone(utc).replace(tzinfo=None))
            for begin, end in intervals
        ]

    def _leave_domain(self) -> list:
        """Return the domain of the calendar's own holidays and the company's, of no other."""
        return list(
            Domain("time_type", "=", "leave")
            & (
                Domain("calendar_id", "=", self.calendar_id.id or -1)
                | Domain("calendar_id", "=", False)
                & Domain("company_id", "in", [self.company_id.id, False])
            )
            & Domain("resource_id", "=", False)
        )

    def _flexible_intervals(self, start: datetime, stop: datetime, hours: float) -> list[tuple]:
        """Return our own rule for flexible hours: Monday to Friday, centred at noon.

        Odoo's rule isn't additive: a day asked for hour by hour has 24 working hours.
        """
        tz = timezone(self.tz)
        half = timedelta(hours=min(hours, 24.0) / 2)
        day = start.astimezone(tz).date()
        intervals = []
        while day <= stop.astimezone(tz).date():
            if day.weekday() < SATURDAY:
                noon = tz.localize(datetime.combine(day, time(12)))
                intervals.append((max(noon - half, start), min(noon + half, stop)))
            day += timedelta(days=1)
        return [(begin, end) for begin, end in intervals if begin < end]

    @api.model
    def _without(self, intervals: list[tuple], leaves: list[tuple]) -> list[tuple]:
        """Return ``intervals`` less ``leaves``, both in order and each without overlaps."""
        result = []
        index = 0
        for begin, end in intervals:
            while index < len(leaves) and leaves[index][1] <= begin:
                index += 1
            following = index
            while following < len(leaves) and leaves[following][0] < end:
                if begin < leaves[following][0]:
                    result.append((begin, leaves[following][0]))
                begin = max(begin, leaves[following][1])
                following += 1
            if begin < end:
                result.append((begin, end))
        return result
