from odoo import api, fields, models

# What a period is about: as long as these stay the same, the period goes on. The probability is
# another matter, see ``_sql_has_changed``.
FACTS = (
    "stage_id",
    "deal_type",
    "user_id",
    "team_id",
    "company_id",
    "client_id",
    "won_status",
    "lost_reason_id",
    "is_archived",
    "expected_revenue",
    "date_deadline",
)


class CrmLeadPeriod(models.Model):
    """A period in which all that matters of a deal stayed the same: the deal ledger.

    Times are UTC with microseconds, ``[date_from, date_to)``. The open period, one per living
    deal, has no ``date_to``; periods of one ``origin_lead_id`` never overlap. Owner, team,
    company, client and currency are those of the period, whatever became of them later.
    """

    _name = "crm.lead.period"
    _description = "Deal Ledger"
    _inherit = ["ledger.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "lead_name"
    _log_access = False  # not inherited from the mixin

    # deal
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True, index=True)
    origin_lead_id = fields.Integer(
        "Deal ID",
        required=True,
        readonly=True,
        aggregator=None,
        help="The deal's number, kept when the deal is merged or deleted.",
    )
    lead_name = fields.Char(
        "Deal Name", readonly=True, help="The name of a deal that was deleted or merged."
    )
    deal_type = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")], required=True, readonly=True
    )
    # stage
    stage_id = fields.Many2one("crm.stage", readonly=True)
    origin_stage_id = fields.Integer("Stage ID", readonly=True, aggregator=None)
    stage_name = fields.Char("Stage Name at the Time", translate=True, readonly=True)
    stage_sequence = fields.Integer("Stage Sequence at the Time", readonly=True, aggregator=None)
    stage_is_won = fields.Boolean("Won Stage at the Time", readonly=True)
    stage_entered_at = fields.Datetime(
        readonly=True,
        help="When this stay in the stage began; the same for all periods of one stay.",
    )
    is_stage_entry = fields.Boolean("Stage Entry", readonly=True)
    direction = fields.Selection(
        [
            ("created", "Created"),
            ("forward", "Forward"),
            ("backward", "Backward"),
            ("none", "Same Stage"),
        ],
        required=True,
        default="none",
        readonly=True,
    )
    qualified_at = fields.Datetime(readonly=True, help="When the deal first became an opportunity.")
    # people
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, index="btree_not_null"
    )
    origin_user_id = fields.Integer("Salesperson ID", readonly=True, aggregator=None)
    user_name = fields.Char("Salesperson Name at the Time", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    origin_team_id = fields.Integer("Sales Team ID", readonly=True, aggregator=None)
    team_name = fields.Char("Sales Team Name at the Time", translate=True, readonly=True)
    actor_id = fields.Many2one(
        "res.users",
        string="Done By",
        readonly=True,
        index="btree_not_null",
        help="Who made the change with which the period begins.",
    )
    ended_by_id = fields.Many2one(
        "res.users",
        string="Deleted By",
        readonly=True,
        index="btree_not_null",
        help="Who deleted or merged the deal.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    # client
    client_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null")
    origin_client_id = fields.Integer("Client ID", readonly=True, aggregator=None)
    # facts
    won_status = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("pending", "Pending")],
        string="Won/Lost",
        required=True,
        default="pending",
        readonly=True,
    )
    outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("reopened", "Reopened"), ("none", "No Change")],
        required=True,
        default="none",
        readonly=True,
        help="What happened to the deal at the beginning of this period.",
    )
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    is_archived = fields.Boolean("Archived", readonly=True)
    expected_revenue = fields.Monetary(currency_field="currency_id", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    probability = fields.Float(readonly=True, aggregator="avg")
    is_probability_manual = fields.Boolean("Probability Set by a Person", readonly=True)
    date_deadline = fields.Date("Expected Closing", readonly=True)
    # time
    date_from = fields.Datetime("From", required=True, readonly=True)
    date_to = fields.Datetime("To", readonly=True)
    end_reason = fields.Selection(
        [("moved", "Changed"), ("merged", "Merged"), ("deleted", "Deleted")], readonly=True
    )
    merged_into_id = fields.Many2one("crm.lead", readonly=True, index="btree_not_null")
    origin_merged_into_id = fields.Integer(
        "Merged Into, Deal ID",
        readonly=True,
        index="btree_not_null",
        aggregator=None,
        help="The number of the deal that it was merged into, kept when that one is deleted.",
    )
    hours = fields.Float(
        "Calendar Hours", readonly=True, help="Hours by the clock, of a period that has ended."
    )
    work_hours = fields.Float(
        "Working Hours",
        readonly=True,
        help="Hours within the working time of the salesperson, else of the company, of a "
        "period that has ended.",
    )

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (origin_lead_id WITH =, tsrange(date_from, date_to) WITH &&)"
        " WHERE ((voided_at IS NULL))",
        "Two periods of one deal overlap.",
    )
    _open_uniq = models.UniqueIndex(
        "(origin_lead_id) WHERE date_to IS NULL AND voided_at IS NULL",
        "A deal has one open period only.",
    )
    _date_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A period cannot end before it begins."
    )
    _end_check = models.Constraint(
        "CHECK ((date_to IS NULL) = (end_reason IS NULL))",
        "An ended period needs the reason of its end.",
    )
    _lead_idx = models.Index("(origin_lead_id, date_from)")
    _date_from_idx = models.Index("(date_from)")
    _date_to_idx = models.Index("(date_to) WHERE date_to IS NOT NULL")

    @api.depends("lead_id.name", "lead_name")
    def _compute_display_name(self):
        # Like any many2one: who may read the history reads the deal's name in it.
        for period in self.sudo():
            period.display_name = period.lead_id.name or period.lead_name

    def action_open_lead(self):
        """Open the deal that the row is about."""
        self.ensure_one()
        return self.lead_id._open_form()
