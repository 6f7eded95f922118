from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import format_date

from .report_common import AUGUST, SEPTEMBER, KpiReportMixin


@tagged("post_install", "-at_install", "sales_kpi")
class TestWorkbook(KpiReportMixin, TransactionCase):
    """The KPI report opened again and compared with the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_report()

    def summary(self, report, **options):
        _name, content = report._workbook()
        book = self.open_book(content, data_only=True, **options)
        return {(row[0], row[3]): row for row in self.lines(book.worksheets[0])}

    def test_summary_equals_the_database(self):
        rows = self.summary(self.make_report())
        won = rows["=anna()", self.kpi_won.name]
        self.assertEqual(won[1], "+Team")
        self.assertEqual(won[5:9], (8, 6, 0.75, 4))
        self.assertAlmostEqual(won[9], 0.5)
        rate = rows["=anna()", self.kpi_rate.name]
        self.assertAlmostEqual(rate[6], 0.75)
        self.assertAlmostEqual(rate[9], 25.0)
        self.assertEqual(rows["Report Company", self.kpi_won.name][6], 7)

    def test_no_data_is_an_empty_cell(self):
        won = self.summary(self.make_report())["@boris", self.kpi_won.name]
        self.assertIn(won[5], (None, ""))
        self.assertIn(won[8], (None, ""))
        self.assertEqual(won[6], 1)

    def test_colours_follow_the_thresholds_of_the_indicator(self):
        self.kpi_won.threshold_green = 70
        _name, content = self.make_report()._workbook()
        summary = self.open_book(content).worksheets[0]
        line = next(
            row[0].row
            for row in summary.iter_rows(min_row=5)
            if (row[0].value, row[3].value) == ("=anna()", self.kpi_won.name)
        )
        rules = [
            rule.formula[0]
            for area in summary.conditional_formatting
            if str(area.sqref) == f"H{line}"
            for rule in area.rules
        ]
        self.assertIn(f"AND(ISNUMBER(H{line}),H{line}>=0.7)", rules)

    def test_a_month_without_figure_is_no_zero_in_a_chart(self):
        report = self.make_report(period_type="custom", date_to="2026-12-01")
        _name, content = report._workbook()
        months = {
            row[0]: row[1]
            for sheet in self.open_book(content).worksheets[1:-1]
            for row in sheet.iter_rows(values_only=True)
        }
        october = format_date(report.env, date(2026, 10, 1), date_format="MMM")
        [figure] = [figure for name, figure in months.items() if str(name).startswith(october)]
        self.assertIsNone(figure)

    def test_several_months_add_numerators_and_denominators(self):
        report = self.make_report(period_type="custom", date_to=SEPTEMBER)
        rows = self.summary(report)
        self.assertEqual(rows["=anna()", self.kpi_won.name][6], 16)
        self.assertAlmostEqual(rows["=anna()", self.kpi_rate.name][6], 16 / 28)

    def test_summary_is_made_of_formulas_over_the_data_sheet(self):
        _name, content = self.make_report()._workbook()
        book = self.open_book(content)
        summary, data = book.worksheets[0], book.worksheets[-1]
        self.assertIn("SUMIFS(", summary.cell(5, 7).value)
        self.assertIn(data.title, summary.cell(5, 7).value)
        self.assertTrue(data.auto_filter.ref)
        self.assertEqual(summary.freeze_panes, "B5")
        self.assertEqual(summary.page_setup.orientation, "landscape")
        self.assertEqual(summary.print_title_rows, "$4:$4")
        self.assertIn("Report Company", summary.oddHeader.left.text)
        self.assertTrue(any(sheet._charts for sheet in book.worksheets[1:-1]))

    def test_text_never_becomes_a_formula(self):
        self.kpi_won.name = '-2+3+cmd|" /C calc"!A0'
        self.company.name = "@SUM(1+1)"
        _name, content = self.make_report()._workbook()
        for sheet in self.open_book(content).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        self.assertRegex(cell.value, r"^=(IF\(|')")
                    if cell.value in {"=anna()", "+Team", self.kpi_won.name, self.company.name}:
                        self.assertEqual(cell.data_type, "s")

    def test_whole_quarter_takes_the_stored_value(self):
        self.env["sales.kpi.value"].search([("kpi_id", "=", self.kpi_won.id)], limit=1).copy(
            {
                "period_type": "quarter",
                "date_from": date(2026, 7, 1),
                "date_to": date(2026, 10, 1),
                "level": "user",
                "user_id": self.people["anna"].id,
                "subject_id": self.people["anna"].id,
                "numerator": 19,
                "value": 19,
            }
        )
        rows = self.summary(self.make_report(period_type="quarter"))
        self.assertEqual(rows["=anna()", self.kpi_won.name][6], 19)

    def test_labels_are_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.people["head"].lang = "ru_RU"
        self.kpi_won.with_context(lang="ru_RU").name = "Выигранные сделки"
        report = self.make_report()
        rows = self.summary(report)
        self.assertIn(("=anna()", "Выигранные сделки"), rows)
        name, content = report._workbook()
        self.assertEqual(name, report.env._("KPI report %(period)s.xlsx", period="2026-08"))
        heads = [cell.value for cell in self.open_book(content).worksheets[0][4]]
        self.assertEqual(heads[5], report.env._("Plan"))

    def test_salesperson_sees_only_their_own(self):
        rows = self.summary(self.make_report("anna"))
        self.assertEqual({subject for subject, _kpi in rows}, {"=anna()"})

    def test_leader_sees_the_team(self):
        rows = self.summary(self.make_report("leader"))
        self.assertEqual({subject for subject, _kpi in rows}, {"=anna()", "@boris", "+Team"})

    def test_choice_of_people_and_kpis(self):
        report = self.make_report(
            user_ids=self.people["anna"].ids, kpi_ids=self.kpi_won.ids, has_totals=False
        )
        self.assertEqual(set(self.summary(report)), {("=anna()", self.kpi_won.name)})

    def test_nothing_to_show_is_still_a_workbook(self):
        report = self.make_report(date_from="2020-01-15")
        name, content = report._workbook()
        self.assertEqual(name, "KPI report 2020-01.xlsx")
        self.assertEqual(len(self.lines(self.open_book(content).worksheets[0])), 1)

    def test_months_out_of_order_are_refused(self):
        with self.assertRaises(ValidationError):
            self.make_report(period_type="custom", date_from=SEPTEMBER, date_to=AUGUST)

    def test_query_count_does_not_grow(self):
        self.count_queries()  # also what setting up left to flush and to cache
        few = self.count_queries()
        others = self.env["sales.kpi"].search([("id", "not in", [self.kpi_won.id])], limit=8)
        for kpi in others - self.kpi_rate:
            self.add_value(kpi, AUGUST, 3, 5, user=self.people["boris"])
            self.add_value(kpi, SEPTEMBER, 3, 5, user=self.people["head"])
        self.assertEqual(self.count_queries(), few)

    def count_queries(self):
        """Return how many queries a second, warm report takes."""
        report = self.make_report()
        report._workbook()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        report._workbook()
        return self.env.cr.sql_log_count - before
