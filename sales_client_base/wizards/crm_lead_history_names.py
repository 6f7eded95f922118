"""Remembers what the names of a file stood for, whatever the records are called later."""

from hashlib import sha256

from odoo import api, models
from odoo.tools import SQL

from .crm_lead_history_rows import Plan

# external ids of records that files named, by the column that names them
NAMED = {
    "client": ("crm_history_import_client", "res.partner"),
    "lost_reason": ("crm_history_import_reason", "crm.lost.reason"),
}


class CrmLeadHistoryImport(models.TransientModel):
    _inherit = "crm.lead.history.import"

    @api.model
    def _remember_names(self, plans: list[Plan]):
        """Note what is written under which name: a renamed or merged client is found again.

        A name that is remembered already stays with its first record.
        """
        for column, (module, model) in NAMED.items():
            named = {
                period.names[column]: getattr(period, column)
                for plan in plans
                for period in plan.added
                if period.names.get(column) and getattr(period, column)
            }
            for name in remembered(self.env, column, list(named)):
                del named[name]
            # Only the system may write external ids; these are of records the user may see.
            self.env["ir.model.data"].sudo()._update_xmlids(
                [
                    {
                        "xml_id": f"{module}.{name_key(self.env, name)}",
                        "record": self.env[model].browse(record_id),
                        "noupdate": True,
                    }
                    for name, record_id in named.items()
                ]
            )


def remembered(env, column: str, names: list[str]) -> dict[str, int]:
    """Return ``{name: record id}`` of what an earlier file of this company named so."""
    module, model = NAMED[column]
    env["ir.model.data"].flush_model()
    rows = env.execute_query(
        SQL(
            """SELECT data.name, record.id
                 FROM ir_model_data AS data
                 JOIN %s AS record ON record.id = data.res_id
                WHERE data.module = %s AND data.model = %s AND data.name = ANY(%s)""",
            SQL.identifier(env[model]._table),
            module,
            model,
            [name_key(env, name) for name in names],
        )
    )
    ids = dict(rows)
    return {name: ids[key] for name in names if (key := name_key(env, name)) in ids}


def name_key(env, name: str) -> str:
    """Return what stands for a name in an external id, which may not hold any character."""
    return f"{env.company.id}_{sha256(name.encode()).hexdigest()[:32]}"
