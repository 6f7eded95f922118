"""The statement that replaces the values of one family in whole periods."""

from typing import NamedTuple

from odoo.tools import SQL

from .base import Context, Family

TEAM_BITS = 2147483648


def wanted(types: list, days: list, companies: list) -> SQL:
    """Return a SELECT of periods to compute, with their limits as UTC moments."""
    return SQL(
        """
        SELECT asked.period_type, asked.date_from, edge.date_to, asked.company_id,
               asked.date_from::timestamp AT TIME ZONE company.sales_tz AT TIME ZONE 'UTC'
                   AS starts_at,
               edge.date_to::timestamp AT TIME ZONE company.sales_tz AT TIME ZONE 'UTC' AS ends_at
          FROM unnest(%s::varchar[], %s::date[], %s::integer[])
                   AS asked (period_type, date_from, company_id)
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


def seen(family: Family, context: Context) -> SQL:
    """Return the observations, each once per wanted period where it counts."""
    if family.is_bucketed:
        return family.observations(context)
    return SQL(
        """
        SELECT observed.*, wanted.period_type, wanted.date_from AS bucket
          FROM (%s) AS observed
    CROSS JOIN (VALUES ('week'), ('month'), ('quarter'), ('year')) AS kind (period_type)
          JOIN wanted
            ON wanted.company_id = observed.company_id
           AND wanted.period_type = kind.period_type
           AND wanted.date_from = date_trunc(kind.period_type, observed.day::timestamp)::date
         WHERE observed.until_day IS NULL OR observed.until_day >= wanted.date_to
        """,
        family.observations(context),
    )


class Counted(NamedTuple):
    """The ledger rows behind an indicator, to be narrowed by conditions on ``seen``."""

    select: SQL
    condition: SQL


def counted_rows(family: Family, code: str, context: Context, wanted_periods: SQL) -> Counted:
    """Return the SELECT of the observations that the indicator ``code`` counts."""
    return Counted(
        SQL(
            """WITH wanted AS MATERIALIZED (%s), map AS MATERIALIZED (%s), seen AS (%s)
               SELECT seen.row_id FROM seen""",
            wanted_periods,
            context.timeline_map,
            seen(family, context),
        ),
        SQL("(%s)", family.measures[code].counted),
    )


def replace_values(family: Family, context: Context, wanted_periods: SQL) -> SQL:
    """Return the statement: whole periods are replaced, unchanged values are not written."""
    return SQL(
        """
        WITH wanted AS MATERIALIZED (%(wanted)s),
             map AS MATERIALIZED (%(map)s),
             seen AS (%(seen)s),
             summed AS (%(summed)s),
             fact AS MATERIALIZED (%(fact)s),
             gone AS (
                 DELETE FROM sales_kpi_value AS stored
                  USING sales_kpi AS kpi, wanted
                  WHERE kpi.id = stored.kpi_id
                    AND kpi.code = ANY(%(codes)s)
                    AND wanted.company_id = stored.company_id
                    AND wanted.period_type = stored.period_type
                    AND wanted.date_from = stored.date_from
                    AND NOT EXISTS (
                        SELECT FROM fact
                         WHERE fact.kpi_id = stored.kpi_id
                           AND fact.period_type = stored.period_type
                           AND fact.date_from = stored.date_from
                           AND fact.company_id = stored.company_id
                           AND fact.level = stored.level
                           AND fact.subject_id = stored.subject_id
                           AND fact.stage_id IS NOT DISTINCT FROM stored.stage_id)
             )
        INSERT INTO sales_kpi_value AS stored (
                   kpi_id, period_type, date_from, date_to, is_closed, level, subject_id, user_id,
                   team_id, company_id, stage_id, currency_id, numerator, denominator, value)
        SELECT kpi_id, period_type, date_from, date_to, is_closed, level, subject_id, user_id,
               team_id, company_id, stage_id, currency_id, numerator, denominator, value
          FROM fact
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
        """,
        wanted=wanted_periods,
        map=context.timeline_map,
        seen=seen(family, context),
        summed=_summed(family),
        fact=_fact(family, context),
        codes=list(family.measures),
    )


def _summed(family: Family) -> SQL:
    """Return the aggregates per company, team and salesperson, each computed for itself."""
    aggregates = []
    for code, measure in family.measures.items():
        aggregates += [
            SQL("%s AS %s", measure.numerator, SQL.identifier(f"{code}__num")),
            SQL("%s AS %s", measure.denominator, SQL.identifier(f"{code}__den")),
        ]
        if measure.value:
            aggregates.append(SQL("%s AS %s", measure.value, SQL.identifier(f"{code}__val")))
    return SQL(
        """
        SELECT seen.period_type, seen.bucket, seen.company_id, seen.stage_id,
               seen.team_id, seen.user_id,
               CASE WHEN GROUPING(seen.user_id) = 0 THEN 'user'
                    WHEN GROUPING(seen.team_id) = 0 THEN 'team'
                    ELSE 'company' END AS level,
               MAX((seen.day - DATE '2000-01-01')::bigint * %(bits)s + seen.team_id) %% %(bits)s
                   AS last_team_id,
               %(aggregates)s
          FROM seen
      GROUP BY seen.period_type, seen.bucket, seen.company_id, seen.stage_id,
               GROUPING SETS ((), (seen.team_id), (seen.user_id))
        """,
        bits=TEAM_BITS,
        aggregates=SQL(", ").join(aggregates),
    )


def _fact(family: Family, context: Context) -> SQL:
    """Return one row per enabled indicator and subject; what has no data has no row."""
    rows = []
    for code, measure in family.measures.items():
        numerator = SQL.identifier("summed", f"{code}__num")
        denominator = SQL.identifier("summed", f"{code}__den")
        value = SQL("%s", numerator)
        if measure.value:
            value = SQL.identifier("summed", f"{code}__val")
        elif measure.denominator.code != "NULL::float8":
            value = SQL("%s * %s / NULLIF(%s, 0)", measure.scale, numerator, denominator)
        rows.append(SQL("(%s, %s, %s, (%s)::float8)", code, numerator, denominator, value))
    return SQL(
        """
        SELECT kpi.id AS kpi_id, summed.period_type, summed.bucket AS date_from, wanted.date_to,
               wanted.date_to + company.sales_kpi_close_days
                   <= (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date
                   AS is_closed,
               summed.level, subject.id AS subject_id, summed.user_id,
               CASE summed.level WHEN 'user' THEN summed.last_team_id ELSE summed.team_id END
                   AS team_id,
               summed.company_id, summed.stage_id,
               CASE WHEN kpi.unit = 'money' THEN company.currency_id END AS currency_id,
               measure.numerator, measure.denominator, measure.value
          FROM summed
          JOIN wanted
            ON wanted.company_id = summed.company_id
           AND wanted.period_type = summed.period_type
           AND wanted.date_from = summed.bucket
          JOIN res_company AS company ON company.id = summed.company_id
    CROSS JOIN LATERAL (
               SELECT CASE summed.level WHEN 'user' THEN summed.user_id
                                        WHEN 'team' THEN summed.team_id
                                        ELSE summed.company_id END AS id) AS subject
    CROSS JOIN LATERAL (VALUES %(rows)s) AS measure (code, numerator, denominator, value)
          JOIN sales_kpi AS kpi ON kpi.code = measure.code AND kpi.is_enabled
         WHERE subject.id IS NOT NULL
           AND measure.value IS NOT NULL
        """,
        now=context.now,
        rows=SQL(", ").join(rows),
    )
