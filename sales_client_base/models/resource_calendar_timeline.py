"""Working time in SQL: how many working seconds passed up to a moment, by calendar and company."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

PENDING = "sales_client_base.timeline.pending"
NEAR = relativedelta(years=1)  # built more than is asked for, to each side
PAST = relativedelta(years=10)  # built by the cron
FUTURE = relativedelta(years=3)
LIMIT = relativedelta(years=30)


class ResourceCalendarTimeline(models.Model):
    """The working time of one calendar in one company, cumulated.

    Holidays of a company hold for its people only, hence one timeline per calendar and company. The
    points are made by Odoo's own working intervals, so that the difference of two lookups is what
    ``get_work_hours_count`` says. A timeline begins with a year to each side, which is cheap, and
    grows on demand and by the cron; its ``fingerprint`` tells whether the calendar is still what it
    was.
    """

    _name = "resource.calendar.timeline"
    _description = "Cumulated Working Time"
    _order = "company_id, calendar_id, id"
    _rec_name = "calendar_id"

    calendar_id = fields.Many2one(
        "resource.calendar",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="Empty for a company without working hours: eight hours from Monday to Friday.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    tz = fields.Char("Time Zone", required=True, readonly=True)
    fingerprint = fields.Char(readonly=True)
    built_from = fields.Datetime(readonly=True)
    built_to = fields.Datetime(readonly=True)
    is_ledger_stale = fields.Boolean(
        "Ledger to Be Measured Again",
        readonly=True,
        help="The calendar changed after periods of the deal ledger were measured by it.",
    )

    _combination_uniq = models.UniqueIndex(
        "(calendar_id, company_id, tz) NULLS NOT DISTINCT",
        "A calendar has one timeline per company and time zone.",
    )

    @api.model
    def _ensure(self, date_from=None, date_to=None):
        """Build what is missing, outdated, or too short for ``[date_from, date_to]`` (UTC).

        :return: the timelines in use
        """
        now = fields.Datetime.now()
        # a date mistyped in an import must not build millennia
        date_from = max(min(date_from or now, now), now - LIMIT)
        date_to = min(max(date_to or now, now), now + LIMIT)
        self._flush_sources()
        # The timelines belong to nobody: whoever needs one first has it built.
        timelines = self.sudo()
        ids = []
        for timeline_id, is_fresh, built_from, built_to in timelines._read_combinations():
            timeline = timelines.browse(timeline_id)
            ids.append(timeline_id)
            if not is_fresh:
                # what was built once may be asked for again
                timeline._rebuild(
                    min(date_from - NEAR, built_from or now), max(date_to + NEAR, built_to or now)
                )
            elif built_from > date_from or built_to < date_to:
                timeline._extend(date_from - NEAR, date_to + NEAR)
        return self.browse(ids)

    @api.model
    def _refresh(self):
        """Follow the changes of this transaction; the cron then measures the ledger again."""
        self.env.cr.precommit.data.pop(PENDING, None)
        self._flush_sources()
        if all(is_fresh for _id, is_fresh, _from, _to in self._read_combinations()):
            return
        self._ensure()
        cron = self.env.ref(
            "sales_client_base.ir_cron_resource_calendar_timeline", raise_if_not_found=False
        )
        if cron:
            cron._trigger()

    @api.model
    def _cron_extend(self):
        """Keep the whole horizon built, measure what the ledger lacks, drop unused timelines."""
        now = fields.Datetime.now()
        first = self.env["crm.lead.period"].search([], order="date_from", limit=1).date_from
        used = self._ensure(min(first or now, now - PAST), now + FUTURE)
        self.search([("id", "not in", used.ids)]).unlink()
        self.env["crm.lead.period"]._fill_work_hours()

    @api.model
    def _work_hours(self, user, company, date_from, date_to) -> float | None:
        """Return the working hours of a person (may be empty) in a company between UTC moments."""
        self._ensure(date_from, date_to)
        person = SQL("%s::integer", user.id or None)
        timeline = SQL("(%s)", self._sql_timeline_of(person, SQL("%s", company.id)))
        [[seconds]] = self.env.execute_query(
            SQL(
                "SELECT %s - %s",
                self._sql_work_seconds(timeline, SQL("%s::timestamp", date_to)),
                self._sql_work_seconds(timeline, SQL("%s::timestamp", date_from)),
            )
        )
        return None if seconds is None else seconds / 3600

    @api.model
    def _flush_sources(self):
        for name in (
            *("res.company", "resource.calendar", "resource.calendar.attendance"),
            *("resource.calendar.leaves", "resource.resource", self._name),
        ):
            self.env[name].flush_model()

    @api.model
    def _read_combinations(self) -> list[tuple]:
        """Make a row for each calendar and company in use that has none.

        :return: ``(timeline id, whether it is the present calendar's, built_from, built_to)``
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO resource_calendar_timeline (calendar_id, company_id, tz)
                   SELECT calendar_id, company_id, tz FROM (%s) AS used
                    WHERE NOT EXISTS (
                          SELECT FROM resource_calendar_timeline AS timeline
                           WHERE timeline.company_id = used.company_id
                             AND timeline.calendar_id IS NOT DISTINCT FROM used.calendar_id
                             AND timeline.tz = used.tz)
              ON CONFLICT DO NOTHING""",
                self._sql_combinations(),
            )
        )
        return self.env.execute_query(
            SQL(
                """SELECT timeline.id,
                          COALESCE(timeline.fingerprint = (%s), FALSE),
                          timeline.built_from,
                          timeline.built_to
                     FROM resource_calendar_timeline AS timeline
                     JOIN (%s) AS used
                       ON timeline.company_id = used.company_id
                      AND timeline.calendar_id IS NOT DISTINCT FROM used.calendar_id
                      AND timeline.tz = used.tz
                 ORDER BY timeline.id""",
                self._sql_fingerprint(),
                self._sql_combinations(),
            )
        )

    @api.model
    def _sql_timeline_of(self, user: SQL, company: SQL) -> SQL:
        """Return a SELECT of the timeline ``id`` of a person in a company, else of the company."""
        return SQL(
            """
            SELECT tl_timeline.id
              FROM res_company AS tl_company
         LEFT JOIN LATERAL (
                   SELECT tl_resource.calendar_id
                     FROM resource_resource AS tl_resource
                    WHERE tl_resource.user_id = %(user)s
                      AND tl_resource.company_id = tl_company.id
                      AND tl_resource.active
                      AND tl_resource.calendar_id IS NOT NULL
                 ORDER BY tl_resource.id
                    LIMIT 1
                   ) AS tl_own ON TRUE
         LEFT JOIN resource_calendar AS tl_calendar
                ON tl_calendar.id = COALESCE(tl_own.calendar_id, tl_company.resource_calendar_id)
              JOIN resource_calendar_timeline AS tl_timeline
                ON tl_timeline.company_id = tl_company.id
               AND tl_timeline.calendar_id IS NOT DISTINCT FROM tl_calendar.id
               AND tl_timeline.tz = COALESCE(tl_calendar.tz, tl_company.sales_tz)
             WHERE tl_company.id = %(company)s
            """,
            user=user,
            company=company,
        )

    @api.model
    def _sql_timeline_map(self) -> SQL:
        """Return a SELECT ``user_id, company_id, timeline_id``.

        One row per person with a calendar of their own, one with ``user_id`` NULL per company.
        """
        return SQL(
            """
            SELECT tl_used.user_id, tl_used.company_id, tl_timeline.id AS timeline_id
              FROM (%s) AS tl_used
              JOIN resource_calendar_timeline AS tl_timeline
                ON tl_timeline.company_id = tl_used.company_id
               AND tl_timeline.calendar_id IS NOT DISTINCT FROM tl_used.calendar_id
               AND tl_timeline.tz = tl_used.tz
            """,
            self._sql_people(),
        )

    @api.model
    def _sql_work_seconds(self, timeline_id: SQL, at: SQL) -> SQL:
        """Return the working seconds up to the UTC moment ``at``, NULL beyond the horizon.

        Only the difference of two such values of one timeline means something.
        """
        return SQL(
            """(SELECT CASE WHEN tl_point.is_working
                            THEN tl_point.seconds + EXTRACT(EPOCH FROM %(at)s - tl_point.at)::float8
                            WHEN NOT tl_point.is_working THEN tl_point.seconds
                        END
                  FROM resource_calendar_timeline_point AS tl_point
                 WHERE tl_point.timeline_id = %(timeline_id)s
                   AND tl_point.at <= %(at)s
              ORDER BY tl_point.at DESC
                 LIMIT 1)""",
            timeline_id=timeline_id,
            at=at,
        )

    @api.model
    def _sql_people(self) -> SQL:
        """Return a SELECT ``user_id, company_id, calendar_id, tz`` of what is in use."""
        return SQL(
            """
            (SELECT DISTINCT ON (resource.user_id, resource.company_id)
                    resource.user_id, resource.company_id, calendar.id AS calendar_id, calendar.tz
               FROM resource_resource AS resource
               JOIN resource_calendar AS calendar ON calendar.id = resource.calendar_id
              WHERE resource.active
                AND resource.user_id IS NOT NULL
                AND resource.company_id IS NOT NULL
           ORDER BY resource.user_id, resource.company_id, resource.id)
          UNION ALL
             SELECT NULL, company.id, calendar.id, COALESCE(calendar.tz, company.sales_tz)
               FROM res_company AS company
          LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
            """
        )

    @api.model
    def _sql_combinations(self) -> SQL:
        return SQL(
            "SELECT DISTINCT company_id, calendar_id, tz FROM (%s) AS people", self._sql_people()
        )

    @api.model
    def _sql_fingerprint(self) -> SQL:
        """Return a SELECT of what the working time of ``timeline`` depends on, as a hash."""
        return SQL(
            """
            SELECT md5(COALESCE((
                       SELECT CONCAT_WS('|', calendar.flexible_hours, calendar.hours_per_day,
                                        calendar.two_weeks_calendar)
                         FROM resource_calendar AS calendar
                        WHERE calendar.id = timeline.calendar_id), '')
                   || '/' || COALESCE((
                       SELECT STRING_AGG(CONCAT_WS('|', line.dayofweek, line.week_type,
                                                   line.day_period, line.display_type,
                                                   line.hour_from, line.hour_to),
                                         ',' ORDER BY line.id)
                         FROM resource_calendar_attendance AS line
                        WHERE line.calendar_id = timeline.calendar_id), '')
                   || '/' || COALESCE((
                       SELECT STRING_AGG(CONCAT_WS('|', free.date_from, free.date_to), ','
                                         ORDER BY free.date_from, free.date_to)
                         FROM resource_calendar_leaves AS free
                        WHERE free.resource_id IS NULL
                          AND free.time_type = 'leave'
                          AND (free.calendar_id = timeline.calendar_id
                               OR (free.calendar_id IS NULL
                                   AND COALESCE(free.company_id, timeline.company_id)
                                       = timeline.company_id))), ''))
            """
        )
