from odoo import fields, models


class ResourceCalendarTimelinePoint(models.Model):
    """A moment at which work begins or stops; the last one of a timeline ends what is known."""

    _name = "resource.calendar.timeline.point"
    _description = "Point of Cumulated Working Time"
    _order = "timeline_id, at"
    _rec_name = "at"
    _log_access = False

    timeline_id = fields.Many2one(
        "resource.calendar.timeline", required=True, readonly=True, ondelete="cascade"
    )
    at = fields.Datetime(required=True, readonly=True)
    seconds = fields.Float("Working Seconds Before", required=True, readonly=True, aggregator=None)
    is_working = fields.Boolean("Working From Then On", readonly=True)

    _at_uniq = models.UniqueIndex("(timeline_id, at)", "A timeline has one point per moment.")
