"""Working time of millions of moments: whole timelines as arrays, searched without a table."""

from odoo import api, models
from odoo.tools import SQL


class ResourceCalendarTimeline(models.Model):
    _inherit = "resource.calendar.timeline"

    @api.model
    def _sql_timeline_arrays(self) -> SQL:
        """Return a SELECT ``timeline_id, moments, seconds, pace``: the points of each timeline.

        An index lookup per moment costs ten times as much, beyond some thousand of them. Nothing in
        the arrays is NULL, or PostgreSQL couldn't jump to an element: what lies behind the last
        point is not a number.
        """
        return SQL(
            """
            SELECT tl_point.timeline_id,
                   array_agg(tl_point.at ORDER BY tl_point.at) AS moments,
                   array_agg(CASE WHEN tl_point.is_working IS NULL THEN 'NaN'
                                  ELSE tl_point.seconds END ORDER BY tl_point.at) AS seconds,
                   array_agg(COALESCE(tl_point.is_working::integer, 0)::float8
                             ORDER BY tl_point.at) AS pace
              FROM resource_calendar_timeline_point AS tl_point
          GROUP BY tl_point.timeline_id
            """
        )

    @api.model
    def _sql_work_seconds_in(self, arrays: SQL, at: SQL) -> SQL:
        """Return the same as ``_sql_work_seconds``, by a row of ``_sql_timeline_arrays``."""
        return SQL(
            """(SELECT NULLIF(%(arrays)s.seconds[tl_place.number]
                              + %(arrays)s.pace[tl_place.number]
                                * date_part('epoch', %(at)s - %(arrays)s.moments[tl_place.number]),
                              'NaN')
                  FROM (SELECT width_bucket(%(at)s, %(arrays)s.moments) AS number
                        OFFSET 0  -- searched once, not at each mention
                       ) AS tl_place)""",
            arrays=arrays,
            at=at,
        )
