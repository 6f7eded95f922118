"""What keeps the timelines fresh: changes of calendars, holidays, people and companies."""

from odoo import api, models

from .resource_calendar_timeline import PENDING


class ResourceCalendarTimelineSource(models.AbstractModel):
    """A model that working time depends on.

    A change only asks for a look at the end of the transaction: the fingerprints of the timelines
    tell what really differs, whoever changed it and however often.
    """

    _name = "resource.calendar.timeline.source"
    _description = "Source of Working Time"

    @api.model
    def _timeline_columns(self) -> frozenset[str]:
        """Return the columns that working time depends on."""
        return frozenset()

    def _create(self, data_list):
        records = super()._create(data_list)
        self._timeline_outdate()
        return records

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        columns = self._timeline_columns()
        if not all(columns.isdisjoint(vals) for vals in vals_list):
            self._timeline_outdate()
        return result

    def unlink(self):
        result = super().unlink()
        self._timeline_outdate()
        return result

    @api.model
    def _timeline_outdate(self):
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = True
            # The calendar's editor may not read all companies' calendars, the timelines need them.
            precommit.add(self.env["resource.calendar.timeline"].sudo()._refresh)


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "resource.calendar.timeline.source"]

    @api.model
    def _timeline_columns(self):
        return frozenset({"tz", "flexible_hours", "hours_per_day", "two_weeks_calendar"})


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "resource.calendar.timeline.source"]

    @api.model
    def _timeline_columns(self):
        return frozenset(
            {
                *("calendar_id", "dayofweek", "week_type", "day_period", "display_type"),
                *("hour_from", "hour_to"),
            }
        )


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "resource.calendar.timeline.source"]

    @api.model
    def _timeline_columns(self):
        return frozenset(
            {"calendar_id", "company_id", "date_from", "date_to", "resource_id", "time_type"}
        )


class ResourceResource(models.Model):
    _name = "resource.resource"
    _inherit = ["resource.resource", "resource.calendar.timeline.source"]

    @api.model
    def _timeline_columns(self):
        return frozenset({"active", "calendar_id", "company_id", "user_id"})


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "resource.calendar.timeline.source"]

    @api.model
    def _timeline_columns(self):
        return frozenset({"resource_calendar_id", "sales_tz"})
