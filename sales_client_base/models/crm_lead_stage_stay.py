"""The stays of deals in stages, summed up from the deal ledger."""

from odoo import api, fields, models
from odoo.tools import SQL

WARNING_SHARE = 0.8  # of the norm: from here on a deal is about to be late
NORM_STATES = [
    ("none", "No Norm"),
    ("ok", "Within the Norm"),
    ("warning", "Norm Almost Used Up"),
    ("late", "Over the Norm"),
]
# measure -> (column, share of the stays that took no longer)
PERCENTILES = {
    "work_days_median": ("work_days", 0.5),
    "work_days_p90": ("work_days", 0.9),
    "work_hours_median": ("work_hours", 0.5),
    "work_hours_p90": ("work_hours", 0.9),
}


class CrmLeadStageStay(models.Model):
    """One stay of a deal in a stage, from entering to leaving, under its last owner there."""

    _name = "crm.lead.stage.stay"
    _description = "Time in Stage"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "stage_name"
    _depends = {
        "crm.lead.period": [
            *("lead_id", "stage_id", "stage_name", "stage_entered_at", "direction"),
            *("user_id", "team_id", "company_id", "client_id", "actor_id", "date_from", "date_to"),
            *("work_hours", "voided_at"),
        ],
        "crm.stage": ["norm_days"],
        "res.company": ["resource_calendar_id"],
        "resource.calendar": ["hours_per_day"],
    }

    # deal
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    origin_lead_id = fields.Integer("Deal ID", readonly=True, aggregator=None)
    client_id = fields.Many2one("res.partner", readonly=True)
    # stage
    stage_id = fields.Many2one("crm.stage", readonly=True)
    stage_name = fields.Char("Stage at the Time", translate=True, readonly=True)
    direction = fields.Selection(
        [
            ("created", "Created"),
            ("forward", "Forward"),
            ("backward", "Backward"),
            ("none", "Same Stage"),
        ],
        string="Move",
        readonly=True,
    )
    # people
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    actor_id = fields.Many2one(
        "res.users", string="Moved By", readonly=True, help="Who brought the deal into the stage."
    )
    # time
    entered_at = fields.Datetime("Entered", readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    is_present = fields.Boolean("Still There", readonly=True)
    work_hours = fields.Float("Working Hours", readonly=True, aggregator=None)
    work_days = fields.Float("Working Days", digits=(16, 1), readonly=True, aggregator=None)
    norm_days = fields.Float("Norm (Working Days)", digits=(16, 1), readonly=True, aggregator=None)
    norm_percent = fields.Float("Norm Used (%)", digits=(16, 0), readonly=True, aggregator=None)
    norm_state = fields.Selection(NORM_STATES, string="Against the Norm", readonly=True)
    # measures: a sum or a mean of such times misleads
    work_days_median = fields.Float(
        "Working Days: Median", digits=(16, 1), readonly=True, aggregator="avg"
    )
    work_days_p90 = fields.Float(
        "Working Days: 90th Percentile", digits=(16, 1), readonly=True, aggregator="avg"
    )
    work_hours_median = fields.Float("Working Hours: Median", readonly=True, aggregator="avg")
    work_hours_p90 = fields.Float("Working Hours: 90th Percentile", readonly=True, aggregator="avg")

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT measured.*,
                   measured.work_days AS work_days_median,
                   measured.work_days AS work_days_p90,
                   measured.work_hours AS work_hours_median,
                   measured.work_hours AS work_hours_p90,
                   100 * measured.work_days / NULLIF(measured.norm_days, 0) AS norm_percent,
                   %(norm_state)s AS norm_state
              FROM (
                   SELECT stay.*,
                          stay.work_hours / %(hours_per_day)s AS work_days,
                          COALESCE(stage.norm_days, 0) AS norm_days
                     FROM (%(stays)s) AS stay
                LEFT JOIN crm_stage AS stage ON stage.id = stay.stage_id
                LEFT JOIN res_company AS company ON company.id = stay.company_id
                LEFT JOIN resource_calendar AS calendar
                       ON calendar.id = company.resource_calendar_id
                   ) AS measured
            """,
            stays=self._sql_stays(),
            hours_per_day=self._sql_hours_per_day(),
            norm_state=self._sql_norm_state(SQL("measured.work_days"), SQL("measured.norm_days")),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Aggregate times as median and 90th percentile of the stays themselves, at every level."""
        name = aggregate_spec.partition(":")[0]
        if name not in PERCENTILES:
            return super()._read_group_select(aggregate_spec, query)
        column, share = PERCENTILES[name]
        return SQL(
            "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
            share,
            self._field_to_sql(query.table, column, query),
        )

    def action_open_lead(self):
        self.ensure_one()
        return self.lead_id._open_form()

    @api.model
    def _sql_stays(self) -> SQL:
        """Return a SELECT of one row per stay: the periods of one deal with the same entry moment.

        Grouped by ``lead_id`` too: asked for one deal, PostgreSQL reads only its periods.
        """
        return SQL(
            """
              SELECT MIN(period.id) AS id,
                     period.lead_id,
                     period.origin_lead_id,
                     period.origin_stage_id,
                     period.stage_entered_at AS entered_at,
                     CASE WHEN COUNT(*) = COUNT(period.date_to)
                          THEN MAX(period.date_to)
                     END AS left_at,
                     COUNT(*) > COUNT(period.date_to) AS is_present,
                     MAX(period.stage_id) AS stage_id,
                     (ARRAY_AGG(period.stage_name ORDER BY period.date_from DESC))[1] AS stage_name,
                     (ARRAY_AGG(period.direction ORDER BY period.date_from))[1] AS direction,
                     (ARRAY_AGG(period.actor_id ORDER BY period.date_from))[1] AS actor_id,
                     (ARRAY_AGG(period.user_id ORDER BY period.date_from DESC))[1] AS user_id,
                     (ARRAY_AGG(period.team_id ORDER BY period.date_from DESC))[1] AS team_id,
                     (ARRAY_AGG(period.company_id ORDER BY period.date_from DESC))[1] AS company_id,
                     (ARRAY_AGG(period.client_id ORDER BY period.date_from DESC))[1] AS client_id,
                     SUM(CASE WHEN period.date_to IS NOT NULL THEN period.work_hours
                              ELSE %(open_hours)s END) AS work_hours
                FROM crm_lead_period AS period
               WHERE period.voided_at IS NULL
            GROUP BY period.lead_id, period.origin_lead_id, period.origin_stage_id,
                     period.stage_entered_at
            """,
            open_hours=self._sql_open_hours(),
        )

    @api.model
    def _sql_open_hours(self) -> SQL:
        """Return the working hours of the open ``period`` so far."""
        ledger = self.env["crm.lead.period"]
        timeline = self.env["resource.calendar.timeline"]
        return SQL(
            "(SELECT %s FROM (%s) AS timeline)",
            ledger._sql_work_hours(
                SQL("timeline.id"),
                SQL("period.date_from"),
                SQL("GREATEST(%s, period.date_from)", ledger._ledger_clock()),
            ),
            timeline._sql_timeline_of(SQL("period.user_id"), SQL("period.company_id")),
        )

    @api.model
    def _sql_hours_per_day(self) -> SQL:
        return SQL("COALESCE(NULLIF(calendar.hours_per_day, 0), 8)")

    @api.model
    def _sql_norm_state(self, work_days: SQL, norm_days: SQL) -> SQL:
        return SQL(
            """CASE WHEN COALESCE(%(norm)s, 0) = 0 OR %(days)s IS NULL THEN 'none'
                    WHEN %(days)s > %(norm)s THEN 'late'
                    WHEN %(days)s >= %(norm)s * %(share)s THEN 'warning'
                    ELSE 'ok'
               END""",
            days=work_days,
            norm=norm_days,
            share=WARNING_SHARE,
        )
