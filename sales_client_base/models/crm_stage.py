from odoo import fields, models


class CrmStage(models.Model):
    _inherit = "crm.stage"

    norm_days = fields.Float(
        "Norm (Working Days)",
        digits=(16, 1),
        help="How many working days a deal may stand in this stage. 0: no norm.",
    )

    _norm_days_check = models.Constraint(
        "CHECK (norm_days >= 0)", "The norm of a stage cannot be negative."
    )
