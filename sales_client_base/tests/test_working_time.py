import random
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .working_time_common import WorkingTimeCommon, utc

ZONES = ("Asia/Tashkent", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
FIRST = utc("2023-01-01")
DAYS = 3 * 365


@tagged("post_install", "-at_install", "sales_client_base")
class TestWorkingTimeExact(WorkingTimeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.env["res.company"].create([{"name": f"Zone {tz}"} for tz in ZONES])
        for company, tz in zip(cls.companies, ZONES, strict=True):
            company.resource_calendar_id.tz = tz
        # a night shift, over the hour that summer time skips or repeats
        cls.companies[1].resource_calendar_id.attendance_ids = [
            Command.create({"name": "Night", "dayofweek": "6", "hour_from": 1, "hour_to": 3.5})
        ]
        cls.companies[2].resource_calendar_id.switch_calendar_type()
        cls.companies[2].resource_calendar_id.attendance_ids.filtered(
            lambda line: line.week_type == "1" and line.dayofweek in ("0", "3")
        ).unlink()
        cls.companies[3].resource_calendar_id.attendance_ids = [
            Command.create(
                {"name": "To midnight", "dayofweek": "5", "hour_from": 18, "hour_to": 24}
            )
        ]
        generator = random.Random(1)
        cls.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Holiday",
                    "company_id": company.id,
                    "calendar_id": company.resource_calendar_id.id,
                    "date_from": start,
                    "date_to": start + timedelta(seconds=generator.randrange(4 * 86400)),
                }
                for company in cls.companies
                for start in (cls.moment(generator) for _ in range(40))
            ]
        )

    @staticmethod
    def moment(generator):
        return FIRST + timedelta(seconds=generator.randrange(DAYS * 86400))

    def intervals(self, generator, count):
        """Return random intervals: of minutes, of days, of months, and over the changes of time."""
        changes = [
            *(utc("2024-03-31 01:00"), utc("2024-10-27 01:00"), utc("2024-03-10 07:00")),
            *(utc("2024-11-03 06:00"), utc("2024-04-06 15:00"), utc("2024-10-05 15:30")),
        ]
        for index in range(count):
            length = timedelta(
                seconds=generator.randrange((3600, 86400, 864000, 8640000)[index % 4])
            )
            start = self.moment(generator)
            if index % 5 == 0:
                start = changes[index // 5 % 6] - length * generator.random()
            yield start.replace(microsecond=0), (start + length).replace(microsecond=0)

    def test_fixed_calendars_equal_odoo_to_the_second(self):
        generator = random.Random(2)
        cases = [
            (company.id, *interval)
            for company in self.companies
            for interval in self.intervals(generator, 500)
        ]
        self.timelines._ensure(FIRST - timedelta(days=200), FIRST + timedelta(days=DAYS + 200))
        company_ids, starts, stops = (list(column) for column in zip(*cases, strict=True))
        seconds = self.timelines._sql_work_seconds
        rows = self.env.execute_query(
            SQL(
                """SELECT %s - %s
                     FROM unnest(%s::integer[], %s::timestamp[], %s::timestamp[]) WITH ORDINALITY
                          AS asked (company_id, date_from, date_to, nr)
             CROSS JOIN LATERAL (%s) AS timeline
                 ORDER BY asked.nr""",
                seconds(SQL("timeline.id"), SQL("asked.date_to")),
                seconds(SQL("timeline.id"), SQL("asked.date_from")),
                company_ids,
                starts,
                stops,
                self.timelines._sql_timeline_of(SQL("NULL::integer"), SQL("asked.company_id")),
            )
        )
        self.assertEqual(len(rows), len(cases))
        calendars = {company.id: company.resource_calendar_id for company in self.companies}
        wrong = [
            (calendars[company_id].tz, start, stop, ours, theirs)
            for (company_id, start, stop), [ours] in zip(cases, rows, strict=True)
            if abs(
                ours - (theirs := 3600 * calendars[company_id].get_work_hours_count(start, stop))
            )
            > 0.001
        ]
        self.assertFalse(wrong, f"{len(wrong)} of {len(cases)} differ")
        self.assertGreater(sum(row[0] > 0 for row in rows), len(cases) / 3)


@tagged("post_install", "-at_install", "sales_client_base")
class TestWorkingTimeRules(WorkingTimeCommon):
    # 2 to 6 June 2025 is a plain week, Berlin is two hours ahead of UTC
    MONDAY = utc("2025-06-02")
    NEXT_MONDAY = utc("2025-06-09")

    def test_flexible_hours_are_centred_at_noon_and_additive(self):
        self.week.write({"flexible_hours": True, "hours_per_day": 6})
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY), 30)
        morning = utc("2025-06-03 07:00"), utc("2025-06-03 10:00")
        self.assertAlmostEqual(self.work_hours(*morning), 3)
        hours = [self.MONDAY + timedelta(hours=hour) for hour in range(24)]
        by_hour = sum(self.work_hours(hour, hour + timedelta(hours=1)) for hour in hours)
        self.assertAlmostEqual(by_hour, 6)

    def test_holidays_shorten_flexible_hours(self):
        self.week.write({"flexible_hours": True, "hours_per_day": 6})
        self.holiday(utc("2025-06-03 08:00"), utc("2025-06-04 22:00"))
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY), 3 * 6 + 1)

    def test_company_without_calendar_works_eight_hours_in_its_own_time_zone(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self.company.sales_tz, "Asia/Tashkent")
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY), 40)
        # eight o'clock in Tashkent
        self.assertAlmostEqual(self.work_hours(self.MONDAY, utc("2025-06-02 04:00")), 1)

    def test_holiday_of_another_company_is_no_holiday_here(self):
        other = self.env["res.company"].create({"name": "Neighbour"})
        other.resource_calendar_id.tz = self.week.tz
        days = utc("2025-06-02 22:00"), utc("2025-06-03 22:00")
        self.holiday(*days, calendar_id=False, company_id=other.id)
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY), 40)
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY, company=other), 32)
        self.holiday(*days, calendar_id=False)
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY), 32)

    def test_leave_of_one_person_and_other_time_types_count_for_nobody(self):
        days = utc("2025-06-02 22:00"), utc("2025-06-03 22:00")
        resource = self.env["resource.resource"].create(
            {"name": "Alice", "user_id": self.alice.id, "calendar_id": self.week.id}
        )
        self.holiday(*days, resource_id=resource.id)
        self.holiday(*days, time_type="other")
        self.assertAlmostEqual(self.work_hours(self.MONDAY, self.NEXT_MONDAY, self.alice), 40)

    def test_person_has_the_calendar_of_their_resource_in_that_company(self):
        part_time = self.week.copy({"name": "Mornings"})
        part_time.attendance_ids.filtered(lambda line: line.day_period != "morning").unlink()
        resource = self.env["resource.resource"].create(
            {
                "name": "Alice",
                "user_id": self.alice.id,
                "company_id": self.company.id,
                "calendar_id": part_time.id,
            }
        )
        other = self.env["res.company"].create({"name": "Neighbour"})
        asked = self.MONDAY, self.NEXT_MONDAY
        self.assertAlmostEqual(self.work_hours(*asked, self.alice), 20)
        self.assertAlmostEqual(self.work_hours(*asked, self.bob), 40)
        self.assertAlmostEqual(self.work_hours(*asked, self.alice, other), 40)
        resource.active = False
        self.assertAlmostEqual(self.work_hours(*asked, self.alice), 40)

    def test_map_has_the_person_and_the_company(self):
        self.env["resource.resource"].create(
            {
                "name": "Alice",
                "user_id": self.alice.id,
                "company_id": self.company.id,
                "calendar_id": self.week.copy().id,
            }
        )
        self.timelines._ensure()
        rows = self.env.execute_query(
            SQL(
                "SELECT user_id, timeline_id FROM (%s) AS map WHERE company_id = %s",
                self.timelines._sql_timeline_map(),
                self.company.id,
            )
        )
        self.assertEqual({user_id for user_id, _timeline in rows}, {None, self.alice.id})
        self.assertEqual(len({timeline for _user, timeline in rows}), 2)

    def test_beyond_the_horizon_is_unknown_not_zero(self):
        timeline = self.timelines._ensure().filtered(lambda one: one.calendar_id == self.week)
        for at in (timeline.built_from - timedelta(days=1), timeline.built_to + timedelta(days=1)):
            [[seconds]] = self.env.execute_query(
                SQL(
                    "SELECT %s",
                    self.timelines._sql_work_seconds(
                        SQL("%s", timeline.id), SQL("%s::timestamp", at)
                    ),
                )
            )
            self.assertIsNone(seconds)

    def test_absurd_date_builds_no_millennia(self):
        self.timelines._ensure(utc("0001-01-02"), utc("9999-12-30"))
        self.assertGreater(self.timeline_of(self.company)[0].built_from.year, 1980)

    def test_arrays_say_the_same_as_the_points(self):
        timeline = self.timelines._ensure().filtered(lambda one: one.calendar_id == self.week)
        rows = self.env.execute_query(
            SQL(
                """
                WITH clock AS MATERIALIZED (%(arrays)s),
                     asked AS (
                         SELECT point.at + shift AS at
                           FROM resource_calendar_timeline_point AS point
                     CROSS JOIN unnest(ARRAY[INTERVAL '-0.1 s', '0', '0.1 s', '40 days']) AS shift
                          WHERE point.timeline_id = %(id)s)
                SELECT %(by_points)s, %(by_arrays)s
                  FROM asked
                  JOIN clock ON clock.timeline_id = %(id)s
                """,
                arrays=self.timelines._sql_timeline_arrays(),
                id=timeline.id,
                by_points=self.timelines._sql_work_seconds(SQL("%s", timeline.id), SQL("asked.at")),
                by_arrays=self.timelines._sql_work_seconds_in(SQL("clock"), SQL("asked.at")),
            )
        )
        self.assertGreater(len(rows), 1000)
        self.assertFalse([row for row in rows if row[0] != row[1]])
        self.assertIn((None, None), rows, "some moments must lie beyond the horizon")
