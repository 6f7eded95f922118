from datetime import datetime

from .common import LedgerCommon

utc = datetime.fromisoformat  # naive, as Odoo's moments are


class WorkingTimeCommon(LedgerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.timelines = cls.env["resource.calendar.timeline"]
        cls.week = cls.env["resource.calendar"].create(
            {"name": "Week", "company_id": cls.company.id, "tz": "Europe/Berlin"}
        )
        cls.company.resource_calendar_id = cls.week

    def work_hours(self, date_from, date_to, user=None, company=None):
        return self.timelines._work_hours(
            user or self.env["res.users"], company or self.company, date_from, date_to
        )

    def commit(self):
        """Do what a commit does before the database commits."""
        self.env.cr.flush()

    def holiday(self, date_from, date_to, **values):
        defaults = {"name": "Holiday", "company_id": self.company.id, "calendar_id": self.week.id}
        values = {**defaults, "date_from": date_from, "date_to": date_to, **values}
        holiday = self.env["resource.calendar.leaves"].create(values)
        # Odoo computes the company anew from the calendar, whatever was given
        holiday.company_id = values["company_id"]
        return holiday

    def timeline_of(self, company):
        return self.timelines.search([("company_id", "=", company.id)])
