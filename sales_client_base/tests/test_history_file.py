import base64
import io
from datetime import date

import openpyxl

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .history_common import HistoryImportCommon

at = fields.Datetime.to_datetime
RUSSIAN = (
    "Внешний ID;Сделка;Клиент;Команда продаж;Этап;Вход на этап (UTC);Ожидаемый доход;"
    "Ожидаемое закрытие\r\n"
)


@tagged("post_install", "-at_install", "sales_client_base")
class TestHistoryFile(HistoryImportCommon):
    def check(self, content, created, errors=(), name="deals.csv"):
        """Check the file, compare counts and places of errors, and import it."""
        wizard = self.wizard(content, name)
        wizard.action_check()
        found = [(error.line, error.column) for error in wizard.error_ids]
        self.assertEqual((wizard.created_count, found), (created, list(errors)))
        self.assertTrue(all(error.message for error in wizard.error_ids))
        wizard.action_import()
        self.assertEqual(wizard.created_count, created)
        return wizard

    def workbook(self, *rows):
        book = openpyxl.Workbook()
        for row in (["External ID", "Deal", "Stage", "Sales Team", "Entered Stage (UTC)"], *rows):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def test_csv_in_the_encodings_of_excel(self):
        text = (
            "External ID;Deal;Client;Stage;Sales Team;Entered Stage (UTC);Expected Closing\r\n"
            "A-1;Пресс;Завод;Talks;Key Clients;2024-03-01 10:00;2024-04-01\r\n"
            "\r\n"
            "A-2;Пресс;Завод;Nowhere;Key Clients;2024-03-01 10:00;\r\n"
        )
        for encoding in ("utf-8-sig", "cp1251"):
            wizard = self.wizard(text.encode(encoding), "deals.csv")
            wizard.action_check()
            self.assertEqual((wizard.created_count, wizard.error_count), (1, 1))
            self.assertEqual((wizard.error_ids.line, wizard.error_ids.column), (4, "Stage"))
            self.assertFalse(self.deal())
        wizard.action_import()
        self.assertEqual(wizard.state, "done")
        self.assertEqual(self.deal().partner_id.name, "Завод")
        self.assertEqual(self.deal().date_deadline, date(2024, 4, 1))

    def test_template_can_be_filled_in(self):
        book = openpyxl.load_workbook(
            io.BytesIO(base64.b64decode(self.importer.create({}).template_file))
        )
        sheet = book.active
        sheet.delete_rows(2, 2)
        sheet.append(["A-1", "Press", "", "", "", "Talks", at("2024-03-01 09:00:00"), 1700.5])
        content = io.BytesIO()
        book.save(content)
        self.wizard(content.getvalue(), "deals.xlsx").action_import()
        self.assertEqual(self.deal().expected_revenue, 1700.5)
        self.assertEqual(self.deal().create_date, at("2024-03-01 09:00:00"))

    def test_file_without_the_columns(self):
        for content in (b"a,b\n1,2\n", b"", b"PK\x03\x04 broken"):
            with self.subTest(content=content), self.assertRaises(UserError):
                self.wizard(content, "deals.csv").action_check()

    def test_russian_headers_in_every_encoding_of_excel(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        line = "{};Пресс;Завод «Молот»;Key Clients;Talks;01.03.2024 9:05;1 200,50;31.03.2024\r\n"
        for number, encoding in enumerate(("utf-8", "utf-8-sig", "cp1251", "utf-16")):
            with self.subTest(encoding=encoding):
                text = RUSSIAN + line.format(f"A-{number}")
                self.check(text.encode(encoding), 1)
                deal = self.deal(f"A-{number}")
                self.assertEqual(deal.partner_id.name, "Завод «Молот»")
                self.assertEqual(deal.create_date, at("2024-03-01 09:05:00"))
                self.assertEqual(deal.expected_revenue, 1200.5)
                self.assertEqual(deal.date_deadline, date(2024, 3, 31))

    def test_errors_tell_line_and_column_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.importer = self.importer.with_context(lang="ru_RU")
        text = (
            RUSSIAN + "A-1;Пресс;;Key Clients;Talks;вчера;;\r\n"
            "A-2;Пресс;;Нет такой;Talks;01.03.2024;;\r\n"
            "A-3;Пресс;;Key Clients;Talks;01.03.2024;много;32.03.2024\r\n"
        )
        wizard = self.check(
            text.encode("cp1251"),
            0,
            [
                (2, "Вход на этап (UTC)"),
                (3, "Команда продаж"),
                (4, "Ожидаемый доход"),
                (4, "Ожидаемое закрытие"),
            ],
        )
        self.assertIn("вчера", wizard.error_ids[0].message)

    def test_unknown_columns_are_named(self):
        text = "External ID,Deal,Stage,Sales Team,Entered Stage (UTC),Budget,,Region\n"
        line = "A-1,Press,Talks,Key Clients,2024-03-01,5,,North\n"
        self.assertEqual(self.check((text + line).encode(), 1).ignored_columns, "Budget, Region")

    def test_empty_lines_at_the_end_are_no_rows(self):
        text = "External ID;Deal;Stage;Sales Team;Entered Stage (UTC)\r\n"
        line = "A-1;Press;Talks;Key Clients;2024-03-01\r\n"
        self.check(f"{text}{line};;;;\r\n  ; ;;;\r\n\r\n".encode(), 1)

    def test_line_numbers_count_line_breaks_within_a_cell(self):
        text = "External ID,Deal,Stage,Sales Team,Entered Stage (UTC)\n"
        first = 'A-1,"Press\nfor two",Talks,Key Clients,2024-03-01\n'
        second = "A-2,Press,Nowhere,Key Clients,2024-03-01\n"
        self.check(f"{text}{first}{second}".encode(), 1, [(4, "Stage")])

    def test_excel_cells(self):
        content = self.workbook(
            [17, "Press", "Talks", "Key Clients", date(2024, 3, 1)],
            [17.0, "Press", "won", "Key Clients", at("2024-03-04 10:30:00")],
            [None, None, None, None, None],
            ["A-2", "Press", "Talks", "Key Clients", "01.03.2024 10:00"],
            ["A-3", "Press", "Talks", "Key Clients", 45352.5],
            ["A-4", "Press", "#N/A", "Key Clients", date(2024, 3, 1)],
            [" ", None, "", None, None],
        )
        errors = [(6, "Entered Stage (UTC)"), (7, "Stage")]
        self.check(content, 2, errors, name="deals.xlsx")
        deal = self.deal("17")
        self.assertEqual(deal.create_date, at("2024-03-01"))
        self.assertEqual(deal.date_closed, at("2024-03-04 10:30:00"))
        self.assertEqual(self.deal("A-2").create_date, at("2024-03-01 10:00:00"))
