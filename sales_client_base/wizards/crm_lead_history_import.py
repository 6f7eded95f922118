"""Brings the history of deals from another CRM or a spreadsheet."""

import base64
import io

import openpyxl

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_history_file import FileError, read_file
from .crm_lead_history_rows import COLUMNS, REQUIRED

SHOWN_ERRORS = 500


class CrmLeadHistoryImport(models.TransientModel):
    """The import of deals with all their past stages, from a file or by ``load_rows``."""

    _name = "crm.lead.history.import"
    _description = "Import of Deal History"

    # file
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    template_file = fields.Binary("Template", compute="_compute_template_file")
    template_name = fields.Char(compute="_compute_template_file")
    # result
    state = fields.Selection(
        [("new", "New"), ("checked", "Checked"), ("done", "Imported")], default="new", required=True
    )
    created_count = fields.Integer("Deals Created", readonly=True)
    updated_count = fields.Integer("Deals Updated", readonly=True)
    unchanged_count = fields.Integer("Deals Unchanged", readonly=True)
    error_count = fields.Integer("Errors", readonly=True)
    ignored_columns = fields.Char("Columns Left Out", readonly=True)
    error_ids = fields.One2many("crm.lead.history.import.error", "import_id", readonly=True)

    @api.depends_context("lang")
    def _compute_template_file(self):
        content = base64.b64encode(self._make_template())
        for wizard in self:
            wizard.template_file = content
            wizard.template_name = self.env._("deal_history.xlsx")

    @api.onchange("file")
    def _onchange_file(self):
        self.state = "new"

    def action_template(self):
        """Download a workbook with the columns, in the user's language, and an example."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/template_file"
            "?download=true&filename_field=template_name",
            "target": "download",
        }

    def action_check(self):
        """Report what an import would do, and write nothing."""
        return self._run_file(dry_run=True)

    def action_import(self):
        """Import the deals that have no error."""
        return self._run_file(dry_run=False)

    def _run_file(self, dry_run: bool) -> dict:
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        rows, ignored = self._read_rows_of_file()
        report = self.load_rows(rows, dry_run=dry_run)
        labels = self._column_labels()
        self.error_ids.unlink()
        self.write(
            {
                "state": "checked" if dry_run else "done",
                **{f"{key}_count": report[key] for key in ("created", "updated", "unchanged")},
                "error_count": len(report["errors"]),
                "ignored_columns": ", ".join(ignored),
                "error_ids": [
                    fields.Command.create({**error, "column": labels[error["column"]]})
                    for error in report["errors"][:SHOWN_ERRORS]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Deal History"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_rows_of_file(self) -> tuple[list[dict], list[str]]:
        """Return the rows by column, and the headers that name none in any installed language."""
        headers = {column: column for column in COLUMNS}
        for code, _name in self.env["res.lang"].get_installed():
            labels = self.with_context(lang=code)._column_labels()
            headers.update({label.casefold(): column for column, label in labels.items()})
        headers.update(
            {
                label.casefold(): column
                for column, label in self.with_context(lang="en_US")._column_labels().items()
            }
        )
        try:
            found, rows = read_file(base64.b64decode(self.file), headers)
        except FileError as error:
            raise UserError(
                self.env._("The file can't be read. It must be CSV or XLSX.")
            ) from error
        labels = self._column_labels()
        missing = [labels[column] for column in REQUIRED if column not in found.values()]
        if missing:
            raise UserError(self.env._("The first line lacks the columns: %s.", ", ".join(missing)))
        return rows, [title for title, column in found.items() if not column]

    @api.model
    def _column_labels(self) -> dict[str, str]:
        return {
            "external_id": self.env._("External ID"),
            "name": self.env._("Deal"),
            "client": self.env._("Client"),
            "salesperson": self.env._("Salesperson"),
            "team": self.env._("Sales Team"),
            "stage": self.env._("Stage"),
            "entered_at": self.env._("Entered Stage (UTC)"),
            "expected_revenue": self.env._("Expected Revenue"),
            "date_deadline": self.env._("Expected Closing"),
            "lost_reason": self.env._("Lost Reason"),
        }

    @api.model
    def _make_template(self) -> bytes:
        """Return a workbook with the header in the user's language and two rows to follow."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append([self._column_labels()[column] for column in COLUMNS])
        stage = self.env["crm.stage"].search([("is_won", "=", False)], limit=1).name or ""
        deal = [
            "A-1",
            self.env._("Conveyor line"),
            self.env._("Example Ltd"),
            self.env.user.login,
            "",
        ]
        sheet.append([*deal, stage, "2026-01-12 09:00", 25000, "2026-03-31", ""])
        sheet.append([*deal, "won", "2026-02-20 15:30", 24000, "2026-03-31", ""])
        for column in sheet.columns:
            sheet.column_dimensions[column[0].column_letter].width = 20
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()


class CrmLeadHistoryImportError(models.TransientModel):
    """One thing wrong with an imported file."""

    _name = "crm.lead.history.import.error"
    _description = "Error in Imported Deal History"
    _order = "line, id"

    import_id = fields.Many2one(
        "crm.lead.history.import", required=True, ondelete="cascade", index=True
    )
    line = fields.Integer(aggregator=None)
    column = fields.Char()
    message = fields.Char("Reason")
