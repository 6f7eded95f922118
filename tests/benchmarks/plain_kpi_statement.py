"""The statements of the plain indicators: what each family comes to, by period and by whom."""

from plain_kpi import (
    COUNT,
    LEVELS,
    NONE,
    STEPS,
    USER,
    Span,
    closes,
    cohort,
    entries,
    expected,
    inquiries,
    moves,
    opened,
    qualified,
    stays,
)

from odoo.tools import SQL

WON = SQL("is_won")
AMOUNT = SQL("amount")


def count(condition: SQL) -> SQL:
    return SQL("COUNT(*) FILTER (WHERE %s)", condition)


def median(column: SQL, part: float = 0.5) -> SQL:
    return SQL("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", part, column)


def share(condition: SQL, of: SQL = COUNT) -> tuple[SQL, SQL, SQL]:
    part = count(condition)
    return part, of, SQL("100.0 * %s / NULLIF(%s, 0)", part, of)


def mean(column: SQL, middle: SQL | None = None) -> tuple[SQL, SQL, SQL]:
    """Return sum and number of what was won, with its median or mean."""
    whole = SQL("SUM(%s) FILTER (WHERE is_won)", column)
    number = SQL("NULLIF(%s, 0)", count(WON))
    return whole, number, middle or SQL("%s::float8 / %s", whole, number)


def won_median(column: SQL) -> SQL:
    return SQL("%s FILTER (WHERE is_won)", median(column))


def single(figure: SQL) -> tuple[SQL, SQL, SQL]:
    return figure, NONE, figure


WON_AMOUNT = SQL("SUM(amount) FILTER (WHERE is_won)")
FAMILIES = {
    inquiries: {"new_inquiries": single(COUNT)},
    qualified: {"pipeline_created": single(SQL("SUM(amount)"))},
    cohort: {"cohort_win_rate": share(WON), "cohort_open_share": share(SQL("is_open"))},
    closes: {
        "deals_won": single(SQL("NULLIF(%s, 0)", count(WON))),
        "deals_lost": single(SQL("NULLIF(%s, 0)", count(SQL("NOT is_won")))),
        "revenue_won": single(WON_AMOUNT),
        "win_rate": share(WON),
        "win_rate_value": (
            SQL("COALESCE(%s, 0)", WON_AMOUNT),
            SQL("SUM(amount)"),
            SQL("100.0 * COALESCE(%s, 0) / NULLIF(SUM(amount), 0)", WON_AMOUNT),
        ),
        "deal_size": mean(AMOUNT, won_median(AMOUNT)),
        "deal_size_mean": mean(AMOUNT),
        "sales_cycle_days": mean(SQL("working_days"), won_median(SQL("working_days"))),
        "sales_cycle_calendar_days": mean(SQL("calendar_days"), won_median(SQL("calendar_days"))),
        "sales_cycle_calendar_days_mean": mean(SQL("calendar_days")),
    },
    entries: {
        "stage_entries": single(SQL("NULLIF(%s, 0)", count(SQL("is_first")))),
        "stage_conversion": share(SQL("can_advance AND is_advanced"), count(SQL("can_advance"))),
    },
    moves: {"regression_rate": share(SQL("is_backward"))},
    stays: {
        "stage_hours": (SQL("SUM(work_hours)"), COUNT, median(SQL("work_hours"))),
        "stage_hours_p90": (SQL("SUM(work_hours)"), COUNT, median(SQL("work_hours"), 0.9)),
    },
    opened: {"open_deals": single(COUNT), "open_pipeline": single(SQL("SUM(amount)"))},
    expected: {"slippage": share(SQL("is_pushed"))},
}


def insert(table: str, family, span: Span, by: SQL = LEVELS) -> SQL:
    """Return the INSERT of a family's values in one kind of period; ``by`` is what is grouped."""
    measures = FAMILIES[family]
    figures = SQL(", ").join(
        SQL("%s AS %s", figure, SQL.identifier(f"{code}_{place}"))
        for code, row in measures.items()
        for place, figure in enumerate(row)
    )
    rows = SQL(", ").join(
        SQL("(%s, %s)", code, _listed([f"{code}_{place}" for place in range(3)]))
        for code in measures
    )
    return SQL(
        """
        INSERT INTO %(table)s (kpi_id, period_type, date_from, date_to, is_closed, level,
                               subject_id, user_id, team_id, company_id, stage_id, numerator,
                               denominator, value)
        SELECT kpi.id, %(kind)s, summed.bucket, summed.bucket + %(step)s::interval, FALSE,
               summed.level, COALESCE(summed.user_id, summed.team_id, company.id),
               summed.user_id, summed.team_id, company.id, summed.stage_id,
               figure.numerator, figure.denominator, figure.value
          FROM (SELECT seen.bucket, seen.stage_id, %(columns)s, %(figures)s
                  FROM (%(rows)s) AS seen
              GROUP BY seen.bucket, seen.stage_id, %(by)s) AS summed
    CROSS JOIN LATERAL (VALUES %(values)s) AS figure (code, numerator, denominator, value)
          JOIN sales_kpi AS kpi ON kpi.code = figure.code AND kpi.is_enabled
    CROSS JOIN (SELECT MIN(id) AS id FROM res_company) AS company
         WHERE figure.value IS NOT NULL
        """,
        table=SQL.identifier(table),
        kind=span.kind,
        step=STEPS[span.kind],
        columns=_level_columns(by),
        figures=figures,
        rows=family(span),
        by=by,
        values=rows,
    )


def _level_columns(by: SQL) -> SQL:
    if by is USER:
        return SQL("seen.user_id, NULL::integer AS team_id, 'user' AS level")
    return SQL(
        """seen.user_id, seen.team_id,
           CASE WHEN GROUPING(seen.user_id) = 0 THEN 'user'
                WHEN GROUPING(seen.team_id) = 0 THEN 'team' ELSE 'company' END AS level"""
    )


def _listed(names: list[str]) -> SQL:
    return SQL(", ").join(SQL.identifier("summed", name) for name in names)
