"""Reads values and targets for the KPI report: one query per model, under the user's own rules."""

from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain

from .kpi_report_words import KpiReportWords
from .kpi_workbook import MONTH, PREVIOUS, WHOLE, DataRow, Indicator, Report, Subject

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
VALUE_COLUMNS = (
    "kpi_id", "stage_id", "level", "user_id", "team_id", "period_type", "date_from",
    "numerator", "denominator", "value",
)  # fmt: skip
TARGET_COLUMNS = ("kpi_id", "level", "user_id", "team_id", "period_type", "date_from", "value")


class KpiReportReader(KpiReportWords):
    """Turns what the user may see of one company and period into a `Report`."""

    def __init__(self, report):
        self.env = report.env
        self.company = report.company_id
        self.users = report.user_ids
        self.kpis = report.kpi_ids or self.env["sales.kpi"].search([("is_enabled", "=", True)])
        self.has_totals = report.has_totals
        self.date_from, self.date_to = report._bounds()
        self.kind = self._kind()
        length = relativedelta(self.date_to, self.date_from)
        self.month_count = length.years * 12 + length.months
        self.before = self.date_from - relativedelta(months=self.month_count)

    def _kind(self):
        """Return which stored bucket the period is, if any: its figures beat sums of months."""
        for kind, count in MONTHS_OF.items():
            starts = (self.date_from.month - 1) % count == 0
            if starts and self.date_from + relativedelta(months=count) == self.date_to:
                return kind
        return None

    def load(self):
        self.facts, self.plans = {}, {}
        self.teams = {}
        for row in self._select("sales.kpi.value", VALUE_COLUMNS, self.before):
            self._add_fact(*row)
        for row in self._select("sales.kpi.target", TARGET_COLUMNS, self.date_from):
            kpi, level, user, team, period_type, day, value = row
            key = (self._subject(level, user, team), (kpi, None))
            self.plans[*key, period_type, day] = value
        return self._report()

    # reading
    def _select(self, model, columns, date_from):
        """Return the rows as tuples: 50,000 records would cost more than the workbook itself."""
        records = self.env[model]
        query = records._search(self._domain(date_from))
        fields = (records._field_to_sql(query.table, name, query) for name in columns)
        return self.env.execute_query(query.select(*fields))

    def _domain(self, date_from):
        people = Domain("level", "=", "user")
        if self.users:
            people &= Domain("user_id", "in", self.users.ids)
        if self.has_totals:
            people |= Domain("level", "!=", "user")
        return Domain.AND(
            [
                people,
                Domain("company_id", "=", self.company.id),
                Domain("kpi_id", "in", self.kpis.ids),
                Domain("period_type", "in", ["month", self.kind or "month"]),
                Domain("date_from", ">=", date_from),
                Domain("date_from", "<", self.date_to),
            ]
        )

    def _subject(self, level, user, team):
        ids = {"user": user, "team": team}
        return level, ids.get(level, self.company.id)

    def _add_fact(self, kpi, stage, level, user, team, period_type, day, *figures):
        subject = self._subject(level, user, team)
        if level == "user" and team:
            self.teams[subject] = team
        self.facts[subject, (kpi, stage), period_type, day] = figures

    # putting together
    def _report(self):
        pairs = {key[:2] for key in (*self.facts, *self.plans)}
        subjects = self._subjects({subject for subject, _kpi in pairs})
        indicators = self._indicators({indicator for _subject, indicator in pairs})
        labels = self._labels()
        report = Report(
            title=self.env._("KPI report"),
            company=self.company.name,
            period=self.period_name(),
            labels=labels,
            indicators=list(indicators.values()),
            subjects=list(subjects.values()),
            months=[(day.year * 100 + day.month, self._month_name(day)) for day in self._months()],
            rows=[],
            has_whole=bool(self.kind),
        )
        for position, subject in enumerate(subjects):
            for number, (key, indicator) in enumerate(indicators.items()):
                if (subject, key) in pairs:
                    self._add_rows(report, (position, subject), (number, key), indicator)
        return report

    def _add_rows(self, report, who, what, indicator):
        scale = 0.01 if indicator.unit == "percent" else 1.0
        (position, subject), (number, key) = who, what
        base = {"subject": position, "indicator": number}
        for day, (month, name) in zip(self._months(), report.months, strict=True):
            found = self.facts.get((subject, key, "month", day))
            plan = self.plans.get((subject, key, "month", day))
            if found or plan is not None:
                row = self._row(base, MONTH, name, found, plan, scale)
                report.rows.append(DataRow(**row, month=month))
        fact, plan = self._whole_fact(subject, key, indicator), self._whole_plan(subject, key)
        plan = self._derived_plan(subject, key, indicator) if plan is None else plan
        if fact or plan is not None:
            row = self._row(base, WHOLE, report.period, fact, plan, scale)
            report.rows.append(DataRow(**row))
            if plan is not None:
                report.plan_whole.add((position, number))
        fact = self._previous_fact(subject, key, indicator)
        if fact:
            name = self.period_name(self.before, self.date_from)
            report.rows.append(DataRow(**self._row(base, PREVIOUS, name, fact, None, scale)))

    def _row(self, base, scope, period, figures, plan, scale):
        numerator, denominator, fact = figures or (None, None, None)
        return base | {
            "scope": scope,
            "period": period,
            "plan": None if plan is None else plan * scale,
            "numerator": numerator,
            "denominator": denominator,
            "fact": None if fact is None else fact * scale,
        }

    def _whole_fact(self, subject, key, indicator):
        if self.kind:
            return self.facts.get((subject, key, self.kind, self.date_from))
        if indicator.additivity == "last":
            return self.facts.get((subject, key, "month", self._months()[-1]))
        return None

    def _whole_plan(self, subject, key):
        return self.plans.get((subject, key, self.kind, self.date_from)) if self.kind else None

    def _derived_plan(self, subject, key, indicator):
        """Return the plan of several months where it isn't their sum: the last, else the mean."""
        plans = [self.plans.get((subject, key, "month", day)) for day in self._months()]
        if indicator.additivity == "last":
            return plans[-1]
        plans = [plan for plan in plans if plan is not None]
        if indicator.additivity == "sum" or not plans:
            return None
        return sum(plans) / len(plans)

    def _previous_fact(self, subject, key, indicator):
        if self.kind:
            return self.facts.get((subject, key, self.kind, self.before))
        days = self._months(self.before)
        found = [self.facts.get((subject, key, "month", day)) for day in days]
        if indicator.additivity == "last":
            return found[-1]
        found = [figures for figures in found if figures]
        if indicator.additivity == "none" or not found:
            return None
        numerator, denominator, value = (sum(part) for part in zip(*found, strict=True))
        if indicator.additivity == "sum":
            return numerator, denominator, value
        scale = 100.0 if indicator.unit == "percent" else 1.0
        return (numerator, denominator, scale * numerator / denominator) if denominator else None

    def _subjects(self, keys):
        """Return the company, its teams, then the people by team; names as they are now."""
        ids = defaultdict(list)
        for level, record_id in keys:
            ids[level].append(record_id)
        # sudo: the name of somebody whose figures the user may read, even of another company's user
        people = self.env["res.users"].sudo().browse(ids["user"])
        team_ids = {*ids["team"], *self.teams.values()}
        # sudo: the name of a team whose figures the user may read
        teams = {team.id: team.name for team in self.env["crm.team"].sudo().browse(team_ids)}
        found = {("company", self.company.id): Subject(self.company.name, "", "company")}
        found |= {("team", key): Subject(teams[key], teams[key], "team") for key in ids["team"]}
        for user in people:
            key = "user", user.id
            found[key] = Subject(user.name, teams.get(self.teams.get(key), ""))
        order = ["company", "team", "user"]
        ranked = sorted(
            keys, key=lambda key: (order.index(key[0]), found[key].team, found[key].name)
        )
        return {key: found[key] for key in ranked}

    def _indicators(self, keys):
        kpis = {kpi.id: kpi for kpi in self.kpis}
        stages = self.env["crm.stage"].search_fetch([], ["name", "sequence"])
        stages = {stage.id: (rank, stage.name) for rank, stage in enumerate(stages, 1)}
        names = dict(self.kpis._fields["category"]._description_selection(self.env))
        units = self._units()
        ranks = {kpi_id: rank for rank, kpi_id in enumerate(kpis)}
        found = {}
        for key in sorted(keys, key=lambda key: (ranks[key[0]], stages.get(key[1], (0, ""))[0])):
            kpi = kpis[key[0]]
            stage = stages.get(key[1], (0, ""))[1]
            name = f"{kpi.name}: {stage}" if stage else kpi.name
            category, unit = names[kpi.category], units[kpi.unit]
            found[key] = Indicator(
                name, category, kpi.unit, unit, kpi.additivity, kpi.direction,
                (kpi.threshold_green / 100.0, kpi.threshold_amber / 100.0),
            )  # fmt: skip
        return found
