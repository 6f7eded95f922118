"""The back-fill of the deal ledger, beside the plain SQL that fills a table of the same make."""

from datetime import datetime

from clock import peak_memory, reset_peak_memory, timed
from table import compared, limited

from odoo.tools import SQL

LIMIT = 1.5


def run(env, scale):
    # the timelines are made before both
    env["resource.calendar.timeline"]._ensure(datetime(2020, 1, 1))  # noqa: DTZ001 (UTC, as Odoo)
    env.cr.commit()
    plain, measured = _plain(env, SQL("NULL::float8")), _plain(env, _sql_work_hours(env))
    env.cr.execute(SQL("TRUNCATE crm_lead_period RESTART IDENTITY CASCADE"))
    env.cr.commit()
    reset_peak_memory()
    ours = timed(env["crm.lead.period"]._backfill)
    memory = peak_memory()
    env.cr.commit()
    [[periods]] = env.execute_query(SQL("SELECT COUNT(*) FROM crm_lead_period"))
    return [
        compared(f"back-fill, {periods:,} periods", ours, measured, LIMIT),
        compared("back-fill, beside SQL without working hours", ours, plain, LIMIT),
        limited("back-fill, peak memory of Odoo", memory, 1024, "MiB"),
    ]


def _plain(env, work_hours: SQL) -> float:
    """Return how long the same takes in plain SQL: table, rows, then indexes, keys and constraints.

    Only stages are followed: the reference is kept simple, to our disadvantage.
    """
    definitions = env.execute_query(_sql_definitions())
    env.cr.execute(
        SQL(
            "CREATE TABLE bench_period"
            " (LIKE crm_lead_period INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
    )
    taken = timed(lambda: _load(env, definitions, work_hours))
    env.cr.execute(SQL("DROP TABLE bench_period"))
    env.cr.commit()
    return taken


def _load(env, definitions, work_hours: SQL):
    env.cr.execute(_sql_rows(env, work_hours))
    for (definition,) in definitions:
        env.cr.execute(SQL("DO %s", _quoted(env, definition)))
    env.cr.execute(SQL("ANALYZE bench_period"))


def _quoted(env, definition: str) -> SQL:
    # a definition read from the catalogue is a statement, which no parameter can carry
    return SQL("%s", f"BEGIN EXECUTE {env.cr.mogrify('%s', [definition]).decode()}; END")


def _sql_definitions() -> SQL:
    """Return a SELECT of the statements that give the copy what the ledger's table has."""
    return SQL(
        """
        SELECT regexp_replace(replace(pg_get_indexdef(indexrelid),
                                      'crm_lead_period', 'bench_period'),
                              'INDEX \\S+ ON', 'INDEX ON')
          FROM pg_index
         WHERE indrelid = 'crm_lead_period'::regclass
           AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE contype = 'x')
     UNION ALL
        SELECT 'ALTER TABLE bench_period ADD ' || pg_get_constraintdef(oid)
          FROM pg_constraint
         WHERE conrelid = 'crm_lead_period'::regclass AND contype IN ('f', 'x')
        """
    )


def _sql_rows(env, work_hours: SQL) -> SQL:
    """Return the INSERT of all stays, from the stage trackings and the creation of each deal."""
    return SQL(
        """
        INSERT INTO bench_period (
               lead_id, origin_lead_id, stage_id, origin_stage_id, stage_name, stage_sequence,
               stage_is_won, deal_type, user_id, origin_user_id, user_name, team_id, origin_team_id,
               team_name, actor_id,
               company_id, currency_id, client_id, origin_client_id, won_status,
               lost_reason_id, is_archived,
               expected_revenue, probability, date_deadline, date_from, date_to, stage_entered_at,
               is_stage_entry, direction, outcome, end_reason, source, hours, qualified_at,
               work_hours)
        SELECT lead.id, lead.id, stage.id, stage.id, stage.name, stage.sequence, stage.is_won,
               lead.type, lead.user_id, lead.user_id, person.name, lead.team_id, lead.team_id,
               team.name, event.actor_id, lead.company_id, company.currency_id,
               lead.partner_id, lead.partner_id,
               CASE WHEN event.until IS NULL THEN lead.won_status ELSE 'pending' END,
               CASE WHEN event.until IS NULL THEN lead.lost_reason_id END,
               event.until IS NULL AND NOT lead.active,
               lead.expected_revenue, lead.probability, lead.date_deadline,
               event.at, event.until, event.at,
               TRUE,
               CASE WHEN event.old_stage IS NULL THEN 'created'
                    WHEN stage.sequence > old_stage.sequence THEN 'forward' ELSE 'backward' END,
               CASE WHEN event.until IS NULL AND lead.won_status <> 'pending' THEN lead.won_status
                    ELSE 'none' END,
               CASE WHEN event.until IS NOT NULL THEN 'moved' END, 'backfill',
               EXTRACT(EPOCH FROM event.until - event.at) / 3600, lead.create_date,
               %(work_hours)s
          FROM (SELECT moved.*, lead(at) OVER (PARTITION BY lead_id ORDER BY at, id) AS until
                  FROM (%(events)s) AS moved) AS event
          JOIN crm_lead AS lead ON lead.id = event.lead_id
          JOIN crm_stage AS stage ON stage.id = event.new_stage
     LEFT JOIN crm_stage AS old_stage ON old_stage.id = event.old_stage
     LEFT JOIN res_users AS owner ON owner.id = lead.user_id
     LEFT JOIN res_partner AS person ON person.id = owner.partner_id
     LEFT JOIN crm_team AS team ON team.id = lead.team_id
     LEFT JOIN res_company AS company ON company.id = lead.company_id
        """,
        events=_sql_events(env),
        work_hours=work_hours,
    )


def _sql_work_hours(env) -> SQL:
    """Return the working hours of a stay, looked up in the company's timeline one by one."""
    timeline = env["resource.calendar.timeline"]
    query = timeline._sql_timeline_of(SQL("NULL::integer"), SQL("%s", env.company.id))
    [[timeline_id]] = env.execute_query(query)
    return env["crm.lead.period"]._sql_work_hours(
        SQL("%s", timeline_id), SQL("event.at"), SQL("event.until")
    )


def _sql_events(env) -> SQL:
    return SQL(
        """
        SELECT message.res_id AS lead_id, tracking.id, message.date AS at,
               message.create_uid AS actor_id,
               tracking.old_value_integer AS old_stage, tracking.new_value_integer AS new_stage
          FROM mail_tracking_value AS tracking
          JOIN mail_message AS message ON message.id = tracking.mail_message_id
         WHERE tracking.field_id = %(field)s AND message.model = 'crm.lead'
     UNION ALL
        SELECT lead.id, 0, lead.create_date, lead.create_uid, NULL,
               COALESCE(
                   (SELECT tracking.old_value_integer
                      FROM mail_message AS message
                      JOIN mail_tracking_value AS tracking
                        ON tracking.mail_message_id = message.id AND tracking.field_id = %(field)s
                     WHERE message.model = 'crm.lead' AND message.res_id = lead.id
                  ORDER BY message.date, message.id LIMIT 1),
                   lead.stage_id)
          FROM crm_lead AS lead
        """,
        field=env["ir.model.fields"]._get("crm.lead", "stage_id").id,
    )
