"""The nightly comparison of the deal ledger with the deals, beside the plain SQL of it."""

from clock import BenchmarkError, timed, undone
from table import compared

from odoo.tools import SQL

ROUNDS = 3
LIMIT = 1.5


def run(env, scale):
    ours, plain = [], []
    for _round in range(ROUNDS):
        plain.append(timed(lambda: _compare(env)))
        with undone(env):
            ours.append(timed(env["crm.lead.period"]._cron_repair))
            [repaired] = env["ledger.repair"].search([], limit=1).mapped("repaired_count")
            if repaired:
                raise BenchmarkError(f"{repaired} deals repaired where nothing was wrong")
    [[deals]] = env.execute_query(SQL("SELECT COUNT(*) FROM crm_lead"))
    return [compared(f"nightly comparison, {deals:,} deals", min(ours), min(plain), LIMIT)]


def _compare(env):
    """Find by hand the deals that differ, those without history and the history without deals."""
    [counts] = env.execute_query(
        SQL(
            """
            SELECT (SELECT COUNT(*) FROM crm_lead),
                   (SELECT COUNT(*)
                      FROM crm_lead AS lead
                      JOIN crm_lead_period AS period
                        ON period.origin_lead_id = lead.id
                       AND period.date_to IS NULL AND period.voided_at IS NULL
                 LEFT JOIN res_partner AS partner ON partner.id = lead.partner_id
                     WHERE (lead.stage_id, lead.type, lead.user_id, lead.team_id, lead.company_id,
                            partner.commercial_partner_id, lead.won_status, lead.lost_reason_id,
                            NOT lead.active, lead.expected_revenue, lead.date_deadline)
                           IS DISTINCT FROM
                           (period.stage_id, period.deal_type, period.user_id, period.team_id,
                            period.company_id, period.client_id, period.won_status,
                            period.lost_reason_id, period.is_archived, period.expected_revenue,
                            period.date_deadline)),
                   (SELECT COUNT(*) FROM crm_lead AS lead
                     WHERE NOT EXISTS (SELECT FROM crm_lead_period AS period
                                        WHERE period.origin_lead_id = lead.id
                                          AND period.voided_at IS NULL)),
                   (SELECT COUNT(*) FROM crm_lead_period AS period
                     WHERE period.date_to IS NULL AND period.voided_at IS NULL
                       AND NOT EXISTS (SELECT FROM crm_lead AS lead
                                        WHERE lead.id = period.origin_lead_id))
            """
        )
    )
    if any(counts[1:]):
        raise BenchmarkError(f"the plain comparison finds {counts[1:]}")
