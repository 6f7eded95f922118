"""The reference company: salespeople, clients, deals and three years of their stage moves.

Everything but the people is inserted by set-based SQL with a fixed seed: the same scale always
makes the same company. At scale 1.0: 200,000 clients, 1,000,000 deals, about 3,200,000 stage moves.
"""

from odoo.tools import SQL

SALESPEOPLE = 100
TEAMS = 10
CLIENTS = 200_000
DEALS = 1_000_000
DAYS = 3 * 365
# 0 to 6 moves of equal chance, and one more for four deals of five: 3.2 on average with the wins
MOVES = 6.8


def generate(env, scale: float) -> dict[str, int]:
    """Fill the database and return what was made."""
    people, teams = _make_people(env)
    env.flush_all()
    env.cr.execute(SQL("SELECT setseed(0.42)"))
    # one process: with several, random() gives another company each time
    env.cr.execute(SQL("SET LOCAL max_parallel_workers_per_gather = 0"))
    clients = _make_clients(env, int(CLIENTS * scale))
    _plan_deals(env, int(DEALS * scale), people, teams, clients)
    _make_deals(env)
    moves = _make_moves(env)
    _finish(env)
    return {"clients": int(CLIENTS * scale), "deals": int(DEALS * scale), "stage moves": moves}


def _make_people(env) -> tuple[list[int], list[int]]:
    group = env.ref("sales_team.group_sale_salesman")
    people = (
        env["res.users"]
        .with_context(no_reset_password=True, tracking_disable=True)
        .create(
            [
                {
                    "name": f"Salesperson {number:03}",
                    "login": f"bench_{number:03}",
                    "group_ids": [(4, group.id)],
                }
                for number in range(SALESPEOPLE)
            ]
        )
    )
    size = SALESPEOPLE // TEAMS
    teams = env["crm.team"].create(
        [
            {
                "name": f"Team {number}",
                "company_id": env.company.id,
                "member_ids": people[number * size : (number + 1) * size].ids,
            }
            for number in range(TEAMS)
        ]
    )
    return people.ids, teams.ids


def _make_clients(env, count: int) -> int:
    """Insert clients and return the first one's id less one."""
    [[base]] = env.execute_query(SQL("SELECT MAX(id) FROM res_partner"))
    env.cr.execute(
        SQL(
            """
            INSERT INTO res_partner (id, name, complete_name, is_company, active, type,
                                     autopost_bills,
                                     commercial_partner_id, create_date, write_date)
            SELECT %(base)s + n, 'Client ' || n, 'Client ' || n, TRUE, TRUE, 'contact', 'ask',
                   %(base)s + n, LOCALTIMESTAMP, LOCALTIMESTAMP
              FROM generate_series(1, %(count)s) AS n
            """,
            base=base,
            count=count,
        )
    )
    env.cr.execute(SQL("SELECT setval('res_partner_id_seq', %s)", base + count))
    env.cr.execute(
        SQL("CREATE TEMPORARY TABLE bench_size ON COMMIT DROP AS SELECT %s AS clients", count)
    )
    return base


def _plan_deals(env, count: int, people: list[int], teams: list[int], clients: int):
    """Decide of each deal whose it is, how it moves and how it ends."""
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_deal ON COMMIT DROP AS
            SELECT (SELECT COALESCE(MAX(id), 0) FROM crm_lead) + n AS id,
                   n,
                   person,
                   (%(people)s::integer[])[person + 1] AS user_id,
                   (%(teams)s::integer[])[person / %(size)s + 1] AS team_id,
                   %(clients)s + 1 + floor(random() * size.clients)::integer AS partner_id,
                   born,
                   moves,
                   CASE WHEN moves = 0 OR fate < 0.35 THEN 'pending'
                        WHEN fate < 0.7 THEN 'won' ELSE 'lost' END AS fate,
                   (LOCALTIMESTAMP - born) * (0.05 + 0.9 * random()) / (moves + 1) AS pace,
                   round((1000 + 99000 * random() ^ 3)::numeric, 2) AS revenue,
                   0.4 + 1.2 * random() AS haste
              FROM (SELECT n, floor(random() * %(salespeople)s)::integer AS person,
                           LOCALTIMESTAMP - random() * %(days)s * INTERVAL '1 day' AS born,
                           floor(random() * %(moves)s)::integer AS moves, random() AS fate
                      FROM generate_series(1, %(count)s) AS n) AS drawn
         CROSS JOIN bench_size AS size
            """,
            people=people,
            teams=teams,
            size=SALESPEOPLE // TEAMS,
            clients=clients,
            salespeople=SALESPEOPLE,
            days=DAYS,
            moves=MOVES,
            count=count,
        )
    )
    env.cr.execute(SQL("CREATE TEMPORARY TABLE bench_move ON COMMIT DROP AS %s", _sql_moves(env)))


def _sql_moves(env) -> SQL:
    """Return a SELECT of all stage moves: through the open stages and back, at last to Won."""
    return SQL(
        """
        SELECT deal.id AS lead_id, deal.user_id, step, step = deal.moves AS is_last,
               (deal.born + step * deal.pace)::timestamp(0) AS at,
               (%(stages)s::integer[])[(step - 1) %% 3 + 1] AS old_stage,
               CASE WHEN step = deal.moves AND deal.fate = 'won' THEN %(won)s
                    ELSE (%(stages)s::integer[])[step %% 3 + 1] END AS new_stage,
               row_number() OVER (ORDER BY deal.n, step)
                   + (SELECT COALESCE(MAX(id), 0) FROM mail_message) AS message_id
          FROM bench_deal AS deal
    CROSS JOIN LATERAL generate_series(1, deal.moves) AS step
        """,
        stages=env["crm.stage"].search([("is_won", "=", False)], limit=3).ids,
        won=env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
    )


def _make_deals(env):
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_lead (id, name, type, active, user_id, team_id, company_id, partner_id,
                                  stage_id,
                                  won_status, expected_revenue, prorated_revenue, probability,
                                  automated_probability, priority, lost_reason_id, date_open,
                                  date_closed,
                                  date_last_stage_update, date_conversion, create_date, write_date,
                                  create_uid, write_uid, date_deadline)
            SELECT deal.id, 'Deal ' || deal.n, 'opportunity', deal.fate <> 'lost', deal.user_id,
                   deal.team_id, %(company)s, deal.partner_id, COALESCE(last.new_stage, %(first)s),
                   deal.fate, deal.revenue, deal.revenue * chance, 100 * chance, 100 * chance, '0',
                   CASE WHEN deal.fate = 'lost' THEN %(reason)s END, deal.born,
                   CASE WHEN deal.fate <> 'pending' THEN last.at END, COALESCE(last.at, deal.born),
                   deal.born, deal.born, COALESCE(last.at, deal.born), deal.user_id, deal.user_id,
                   (COALESCE(last.at, deal.born) + deal.haste * deal.pace)::date
              FROM bench_deal AS deal
         LEFT JOIN bench_move AS last ON last.lead_id = deal.id AND last.is_last
        CROSS JOIN LATERAL (SELECT CASE deal.fate WHEN 'won' THEN 1 WHEN 'lost' THEN 0 ELSE 0.3 END)
                AS odds (chance)
            """,
            company=env.company.id,
            first=env["crm.stage"].search([("is_won", "=", False)], limit=1).id,
            reason=env["crm.lost.reason"].search([], limit=1).id,
        )
    )


def _make_moves(env) -> int:
    """Insert the messages and trackings of the moves; return how many stage moves there are."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO mail_message (id, model, res_id, message_type, subtype_id, author_id, date,
                                      body, is_internal, create_date, write_date, create_uid,
                                      write_uid)
            SELECT move.message_id, 'crm.lead', move.lead_id, 'notification', %s, person.partner_id,
                   move.at, '', FALSE, move.at, move.at, move.user_id, move.user_id
              FROM bench_move AS move
              JOIN res_users AS person ON person.id = move.user_id
            """,
            env.ref("crm.mt_lead_stage").id,
        )
    )
    _insert_trackings(
        env,
        "stage_id",
        SQL("old_stage, new_stage, old.name ->> 'en_US', new.name ->> 'en_US'"),
        SQL(
            """JOIN crm_stage AS old ON old.id = move.old_stage
               JOIN crm_stage AS new ON new.id = move.new_stage"""
        ),
    )
    moves = env.cr.rowcount
    ends = SQL("JOIN bench_deal AS deal ON deal.id = move.lead_id AND move.is_last")
    _insert_trackings(
        env,
        "won_status",
        SQL("NULL::integer, NULL::integer, 'Pending', initcap(deal.fate)"),
        SQL("%s AND deal.fate <> 'pending'", ends),
    )
    _insert_trackings(
        env,
        "active",
        SQL("1, 0, NULL::varchar, NULL::varchar"),
        SQL("%s AND deal.fate = 'lost'", ends),
    )
    return moves


def _insert_trackings(env, field: str, values: SQL, joins: SQL):
    env.cr.execute(
        SQL(
            """
            INSERT INTO mail_tracking_value (mail_message_id, field_id, create_uid, create_date,
                                             old_value_integer, new_value_integer,
                                             old_value_char, new_value_char)
            SELECT move.message_id, %s, move.user_id, move.at, %s FROM bench_move AS move %s
            """,
            env["ir.model.fields"]._get("crm.lead", field).id,
            values,
            joins,
        )
    )


def remember_deadlines(env):
    """Give the ended periods the expected closing that live writing would have recorded.

    Odoo doesn't track it, so the back-fill knows the last one only. Each move sets it anew, sooner
    or later than the deal then really moves: most deals push it, some miss it.
    """
    ledger = env["crm.lead.period"]
    # an update in place would leave a table twice as large, which nobody's ledger is
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_ledger ON COMMIT DROP AS SELECT * FROM crm_lead_period;
            UPDATE bench_ledger
               SET date_deadline = date_from + (0.4 + 1.2 * abs(hashint4(id)::float8) / 2147483648)
                                               * (date_to - date_from)
             WHERE date_to IS NOT NULL
            """
        )
    )
    ledger._drop_indexes()
    env.cr.execute(
        SQL(
            """TRUNCATE crm_lead_period;
               INSERT INTO crm_lead_period SELECT * FROM bench_ledger ORDER BY id"""
        )
    )
    ledger._restore_indexes()
    env.cr.execute(SQL("ANALYZE crm_lead_period"))


def _finish(env):
    for table in ("crm_lead", "mail_message"):
        env.cr.execute(
            SQL("SELECT setval(%s, MAX(id)) FROM %s", f"{table}_id_seq", SQL.identifier(table))
        )
    for table in ("crm_lead", "mail_message", "mail_tracking_value", "res_partner"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all(flush=False)
