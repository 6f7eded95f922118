import base64

from .common import LedgerCommon

MODULE = "crm_history_import"


class HistoryImportCommon(LedgerCommon):
    """The history of one deal as rows, and how to load it as the head of sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls.env["crm.lead.history.import"].with_user(cls.head)

    def row(self, stage, entered_at, **values):
        return {
            "external_id": "A-1",
            "name": "Press",
            "client": "Ferrum Works",
            "salesperson": "ledger_alice",
            "team": "Key Clients",
            "stage": stage,
            "entered_at": entered_at,
            "expected_revenue": 1000,
            **values,
        }

    def story(self):
        return [
            self.row("First Contact", "2024-03-01"),
            self.row("Talks", "2024-03-04T10:00:00Z", expected_revenue="1 200,50"),
            self.row("won", "2024-03-11T15:00:00+05:00", expected_revenue=1200.5),
        ]

    def load(self, rows, expected=(0, 0, 0), **options):
        report = self.importer.load_rows(rows, **options)
        self.assertEqual(report["errors"], [])
        counts = (report["created"], report["updated"], report["unchanged"])
        self.assertEqual(counts, expected)
        return self.deal()

    def deal(self, external_id="A-1"):
        self.env.invalidate_all()
        return self.env.ref(f"{MODULE}.{external_id}", raise_if_not_found=False)

    def assert_error(self, column, rows, line=1):
        report = self.importer.load_rows(rows)
        self.assertEqual([(e["line"], e["column"]) for e in report["errors"]], [(line, column)])
        self.assertTrue(report["errors"][0]["message"])
        self.assertEqual((report["created"], report["updated"]), (0, 0))
        self.assertFalse(self.deal())
        return report["errors"][0]["message"]

    def wizard(self, content, name):
        return self.importer.create({"file": base64.b64encode(content), "file_name": name})
