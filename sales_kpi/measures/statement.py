"""The statements that compute the values of one family in whole periods.

The periods asked for stand in ``kpi_wanted`` and their days in ``kpi_wanted_day``: temporary
tables with statistics where values are written (without them PostgreSQL takes a few hundred periods
for one and joins by nested loops), clauses of the statement where only a list is read.
"""

from typing import NamedTuple

from odoo.tools import SQL

from .base import Context, Family

TEAM_BITS = 2147483648


def wanted(types: list, days: list, companies: list) -> SQL:
    """Return a SELECT of periods to compute, numbered, with their limits as UTC moments."""
    return SQL(
        """
        SELECT asked.id, asked.period_type, asked.date_from, edge.date_to, asked.company_id,
               asked.date_from::timestamp AT TIME ZONE company.sales_tz AT TIME ZONE 'UTC'
                   AS starts_at,
               edge.date_to::timestamp AT TIME ZONE company.sales_tz AT TIME ZONE 'UTC' AS ends_at
          FROM unnest(%s::varchar[], %s::date[], %s::integer[])
                   WITH ORDINALITY AS asked (period_type, date_from, company_id, id)
          JOIN res_company AS company ON company.id = asked.company_id
    CROSS JOIN LATERAL (
               SELECT (asked.date_from + CASE asked.period_type
                           WHEN 'week' THEN interval '7 days'
                           WHEN 'month' THEN interval '1 month'
                           WHEN 'quarter' THEN interval '3 months'
                           ELSE interval '1 year' END)::date AS date_to) AS edge
        """,
        types,
        days,
        companies,
    )


def sources(context: Context, wanted_periods: SQL) -> dict[str, SQL]:
    """Return, by name, what the families read beside the ledger; later ones read earlier ones."""
    return {
        "kpi_wanted": wanted_periods,
        "kpi_wanted_day": SQL(
            """SELECT wanted.id AS wanted_id, wanted.company_id, wanted.date_to,
                      day.at::date AS day
                 FROM kpi_wanted AS wanted
           CROSS JOIN generate_series(wanted.date_from::timestamp,
                                      wanted.date_to - INTERVAL '1 day',
                                      INTERVAL '1 day') AS day (at)"""
        ),
        "kpi_map": context.timeline_map,
    }


def seen(family: Family, context: Context) -> SQL:
    """Return the observations, each once per wanted period where it counts."""
    if family.is_bucketed:
        return family.observations(context)
    return SQL(
        """
        SELECT observed.*, wanted.wanted_id
          FROM (%s) AS observed
          JOIN kpi_wanted_day AS wanted
            ON wanted.company_id = observed.company_id AND wanted.day = observed.day
         WHERE %s
        """,
        family.observations(context),
        SQL("observed.until_day IS NULL OR observed.until_day >= wanted.date_to")
        if family.has_until
        else SQL("TRUE"),
    )


class Counted(NamedTuple):
    """The ledger rows behind an indicator, to be narrowed by conditions on ``seen``."""

    select: SQL
    condition: SQL


def counted_rows(family: Family, code: str, context: Context, wanted_periods: SQL) -> Counted:
    """Return the SELECT of the observations that the indicator ``code`` counts."""
    clauses = [
        SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), select)
        for name, select in sources(context, wanted_periods).items()
    ]
    return Counted(
        SQL(
            "WITH %s, seen AS (%s) SELECT seen.row_id FROM seen",
            SQL(", ").join(clauses),
            seen(family, context),
        ),
        SQL("(%s)", family.measures[code].counted),
    )


def facts(family: Family, context: Context) -> SQL:
    """Return the SELECT of the values of a family, from the tables of ``sources``."""
    if family.is_additive:
        columns = [column for column, _aggregate in _aggregates(family)]
        ctes = SQL(
            "daily AS MATERIALIZED (%s), seen AS (%s), summed AS (%s)",
            _daily(family, context),
            SQL(
                """SELECT daily.*, wanted.wanted_id
                     FROM daily
                     JOIN kpi_wanted_day AS wanted
                       ON wanted.company_id = daily.company_id AND wanted.day = daily.day"""
            ),
            _summed([(name, SQL("SUM(%s)", SQL.identifier("seen", name))) for name in columns]),
        )
    else:
        observed = family.presummed(context) if family.presummed else seen(family, context)
        ctes = SQL("seen AS (%s), summed AS (%s)", observed, _summed(_aggregates(family)))
    return SQL("WITH %s %s", ctes, _fact(family, context))


def remove_gone(family: Family) -> SQL:
    """Return the DELETE of values in the wanted periods that ``kpi_fact`` no longer has."""
    return SQL(
        """
        DELETE FROM sales_kpi_value AS stored
              USING sales_kpi AS kpi, kpi_wanted AS wanted
              WHERE kpi.id = stored.kpi_id
                AND kpi.code = ANY(%s)
                AND wanted.company_id = stored.company_id
                AND wanted.period_type = stored.period_type
                AND wanted.date_from = stored.date_from
                AND NOT EXISTS (
                    SELECT FROM kpi_fact AS fact
                     WHERE fact.kpi_id = stored.kpi_id
                       AND fact.period_type = stored.period_type
                       AND fact.date_from = stored.date_from
                       AND fact.company_id = stored.company_id
                       AND fact.level = stored.level
                       AND fact.subject_id = stored.subject_id
                       AND COALESCE(fact.stage_id, 0) = COALESCE(stored.stage_id, 0))
        """,
        list(family.measures),
    )


def write_facts() -> SQL:
    """Return the statement that stores ``kpi_fact``; unchanged values are not written."""
    return SQL(
        """
        INSERT INTO sales_kpi_value AS stored (
                   kpi_id, period_type, date_from, date_to, is_closed, level, subject_id, user_id,
                   team_id, company_id, stage_id, currency_id, numerator, denominator, value)
        SELECT kpi_id, period_type, date_from, date_to, is_closed, level, subject_id, user_id,
               team_id, company_id, stage_id, currency_id, numerator, denominator, value
          FROM kpi_fact
            ON CONFLICT (kpi_id, period_type, date_from, company_id, level, subject_id, stage_id)
            DO UPDATE
           SET date_to = EXCLUDED.date_to,
               is_closed = EXCLUDED.is_closed,
               team_id = EXCLUDED.team_id,
               currency_id = EXCLUDED.currency_id,
               numerator = EXCLUDED.numerator,
               denominator = EXCLUDED.denominator,
               value = EXCLUDED.value
         WHERE (stored.numerator, stored.denominator, stored.value, stored.team_id,
                stored.currency_id, stored.is_closed)
               IS DISTINCT FROM
               (EXCLUDED.numerator, EXCLUDED.denominator, EXCLUDED.value, EXCLUDED.team_id,
                EXCLUDED.currency_id, EXCLUDED.is_closed)
        """
    )


def _aggregates(family: Family) -> list[tuple[str, SQL]]:
    """Return ``(column, aggregate over seen)`` of all indicators of a family."""
    found = []
    for code, measure in family.measures.items():
        found += [(f"{code}__num", measure.numerator), (f"{code}__den", measure.denominator)]
        if measure.value:
            found.append((f"{code}__val", measure.value))
    return found


def _columns(aggregates: list[tuple[str, SQL]]) -> SQL:
    return SQL(", ").join(
        SQL("%s AS %s", aggregate, SQL.identifier(name)) for name, aggregate in aggregates
    )


def _daily(family: Family, context: Context) -> SQL:
    """Return the sums of each day: periods of every length are made of days."""
    return SQL(
        """
        SELECT seen.company_id, seen.team_id, seen.user_id, seen.stage_id, seen.day, %s
          FROM (%s) AS seen
      GROUP BY seen.company_id, seen.team_id, seen.user_id, seen.stage_id, seen.day
        """,
        _columns(_aggregates(family)),
        family.observations(context),
    )


def _summed(aggregates: list[tuple[str, SQL]]) -> SQL:
    """Return the aggregates per company, team and salesperson, each computed for itself."""
    return SQL(
        """
        SELECT seen.wanted_id, seen.stage_id, seen.team_id, seen.user_id,
               CASE WHEN GROUPING(seen.user_id) = 0 THEN 'user'
                    WHEN GROUPING(seen.team_id) = 0 THEN 'team'
                    ELSE 'company' END AS level,
               MAX((seen.day - DATE '2000-01-01')::bigint * %(bits)s + seen.team_id) %% %(bits)s
                   AS last_team_id,
               %(aggregates)s
          FROM seen
      GROUP BY seen.wanted_id, seen.stage_id, GROUPING SETS ((), (seen.team_id), (seen.user_id))
        """,
        bits=TEAM_BITS,
        aggregates=_columns(aggregates),
    )


def _values(family: Family) -> SQL:
    """Return the rows ``code, numerator, denominator, value`` of one row of ``summed``."""
    rows = []
    for code, measure in family.measures.items():
        numerator = SQL.identifier("summed", f"{code}__num")
        denominator = SQL.identifier("summed", f"{code}__den")
        value = numerator
        if measure.value:
            value = SQL.identifier("summed", f"{code}__val")
        elif measure.denominator.code != "NULL::float8":
            value = SQL("%s * %s / NULLIF(%s, 0)", measure.scale, numerator, denominator)
        rows.append(
            SQL(
                "(%s, %s)",
                code,
                SQL(", ").join(
                    # the last digits of a sum depend on its order: unchanged values must not differ
                    SQL("ROUND((%s)::numeric, 6)::float8", figure)
                    for figure in (numerator, denominator, value)
                ),
            )
        )
    return SQL(", ").join(rows)


def _fact(family: Family, context: Context) -> SQL:
    """Return one row per enabled indicator and subject; what has no data has no row."""
    return SQL(
        """
        SELECT kpi.id AS kpi_id, wanted.period_type, wanted.date_from, wanted.date_to,
               wanted.date_to + company.sales_kpi_close_days
                   <= (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date
                   AS is_closed,
               summed.level, subject.id AS subject_id, summed.user_id,
               (CASE summed.level WHEN 'user' THEN summed.last_team_id
                                  ELSE summed.team_id END)::integer AS team_id,
               wanted.company_id, summed.stage_id,
               CASE WHEN kpi.unit = 'money' THEN company.currency_id END AS currency_id,
               measure.numerator, measure.denominator, measure.value
          FROM summed
          JOIN kpi_wanted AS wanted ON wanted.id = summed.wanted_id
          JOIN res_company AS company ON company.id = wanted.company_id
    CROSS JOIN LATERAL (
               SELECT CASE summed.level WHEN 'user' THEN summed.user_id
                                        WHEN 'team' THEN summed.team_id
                                        ELSE wanted.company_id END AS id) AS subject
    CROSS JOIN LATERAL (VALUES %(rows)s) AS measure (code, numerator, denominator, value)
          JOIN sales_kpi AS kpi ON kpi.code = measure.code AND kpi.is_enabled
         WHERE subject.id IS NOT NULL
           AND measure.value IS NOT NULL
        """,
        now=context.now,
        rows=_values(family),
    )
