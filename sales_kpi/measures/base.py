"""What the families of indicators share: they are pure builders of SQL.

A family is one scan of the ledger that gives observations (one row per counted event) and the
indicators summed up from it. An observation carries ``row_id`` (the row that a click opens),
``company_id``, ``team_id``, ``user_id``, ``stage_id``, ``day`` (in the company's time zone) and
what the family's aggregates need; ``until_day`` where a later event can undo it. The engine puts
the observations into periods.
"""

from collections.abc import Callable
from typing import NamedTuple

from odoo.tools import SQL


class Context(NamedTuple):
    """What a family needs to know to read the ledger."""

    lower: object  # no event before this moment matters (UTC)
    upper: object  # nor one from this moment on
    first_end: object  # before any of the periods ends (UTC)
    now: object
    timeline_map: SQL  # SELECT user_id, company_id, timeline_id
    work_seconds: Callable  # (timeline_id: SQL, at: SQL) -> SQL


class Measure(NamedTuple):
    """One indicator: aggregates over the observations of its family, called ``seen``."""

    numerator: SQL
    counted: SQL  # which observations it counts
    denominator: SQL = SQL("NULL::float8")
    value: SQL | None = None  # what it comes to, where it is no plain sum or ratio
    scale: float = 1.0  # 100 for percentages


class Family(NamedTuple):
    """Observations, and the indicators summed up from them."""

    name: str
    observations: Callable[[Context], SQL]
    measures: dict[str, Measure]
    has_stage: bool = False
    is_bucketed: bool = False  # observations bring ``wanted_id`` themselves
    is_additive: bool = False  # all indicators are sums or ratios of sums, no median
    has_until: bool = False  # an observation counts in periods that end before ``until_day``
    presummed: Callable[[Context], SQL] | None = None  # a shorter way to the same sums
    has_exits: bool = False  # a person sees parts of stays, others see whole ones (``is_last``)
    is_followed_up: bool = False  # past periods go on changing: what became of a cohort


def local_day(moment: SQL) -> SQL:
    """Return the company's day of a UTC moment; ``company`` must be joined."""
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date", moment)


def money(amount: SQL, day: SQL) -> SQL:
    """Return ``amount`` of the row ``period`` in the company's currency, at the day's rate."""
    return SQL(
        """CASE WHEN period.currency_id IS NULL OR period.currency_id = company.currency_id
                THEN %(amount)s
                ELSE %(amount)s * %(to)s / NULLIF(%(from_)s, 0)
            END""",
        amount=amount,
        to=_rate(SQL("company.currency_id"), day),
        from_=_rate(SQL("period.currency_id"), day),
    )


def _rate(currency: SQL, day: SQL) -> SQL:
    """Return the rate as Odoo finds it: the last one up to the day, else the first one, else 1."""
    return SQL(
        """COALESCE((
               SELECT rate.rate
                 FROM res_currency_rate AS rate
                WHERE rate.currency_id = %(currency)s
                  AND (rate.company_id IS NULL
                       OR rate.company_id = split_part(company.parent_path, '/', 1)::integer)
             ORDER BY rate.name <= %(day)s DESC, rate.company_id NULLS LAST,
                      CASE WHEN rate.name <= %(day)s THEN %(day)s - rate.name
                           ELSE rate.name - %(day)s END
                LIMIT 1), 1.0)""",
        currency=currency,
        day=day,
    )


COUNT = SQL("NULLIF(COUNT(*), 0)::float8")


def count(condition: SQL) -> SQL:
    return SQL("COUNT(*) FILTER (WHERE %s)::float8", condition)


def total(column: SQL, condition: SQL) -> SQL:
    return SQL("SUM(%s) FILTER (WHERE %s)::float8", column, condition)


def percentile(part: float, column: SQL, condition: SQL) -> SQL:
    return SQL(
        "percentile_cont(%s) WITHIN GROUP (ORDER BY %s) FILTER (WHERE %s)", part, column, condition
    )


def merged_duplicates(condition: SQL) -> SQL:
    """Return a SELECT of the deals that a merge makes count at another deal's earlier event.

    :param condition: which row of a deal, called ``first``, is the event
    """
    return SQL(
        """
        SELECT ranked.member
          FROM (SELECT pair.member,
                       row_number() OVER (PARTITION BY pair.root
                                          ORDER BY first.date_from, first.id) AS place
                  FROM (SELECT origin_merged_into_id AS root, origin_lead_id AS member
                          FROM crm_lead_period
                         WHERE origin_merged_into_id IS NOT NULL AND end_reason = 'merged'
                           AND voided_at IS NULL
                         UNION
                        SELECT origin_merged_into_id, origin_merged_into_id
                          FROM crm_lead_period
                         WHERE origin_merged_into_id IS NOT NULL AND end_reason = 'merged'
                           AND voided_at IS NULL) AS pair
                  JOIN crm_lead_period AS first
                    ON first.origin_lead_id = pair.member
                   AND first.voided_at IS NULL
                   AND %s) AS ranked
         WHERE ranked.place > 1
        """,
        condition,
    )
