from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.tools import SQL

from ..measures import FAMILIES
from ..measures.base import Context
from ..measures.statement import facts, remove_gone, sources, wanted, write_facts
from ..periods import PERIOD_TYPES, bucket_end, bucket_start, buckets

# A day elsewhere begins up to 14 hours earlier and ends up to 12 hours later than in UTC.
ZONES = timedelta(days=1)
LOCK = 5137001  # names the refresh among PostgreSQL's advisory locks
TOUCH_BATCH = 20000
SETTINGS = {"jit": "off", "work_mem": "256MB"}


class SalesKpi(models.Model):
    _inherit = "sales.kpi"

    @api.model
    def refresh_values(self, date_from, date_to):
        """Compute the enabled indicators of all periods touching ``[date_from, date_to)``.

        Whole periods are replaced, closed ones too: whoever asks for them wants them anew.
        """
        is_allowed = self.env.su or self.env.user.has_group("sales_team.group_sale_manager")
        if not is_allowed:
            raise AccessError(self.env._("Only the head of sales may compute indicators again."))
        date_from, date_to = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        if not date_from or not date_to or date_from >= date_to:
            return
        # Indicators are computed for everybody; the caller sees what the record rules let them.
        kpis = self.sudo()
        kpis._take_turn()
        asked = buckets(date_from, date_to)
        kpis._replace({company.id: asked for company in kpis._companies()})

    @api.private
    def _is_my_turn(self) -> bool:
        """Return whether nobody else computes; until the transaction ends nobody else may."""
        [(is_mine,)] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s)", LOCK))
        return is_mine

    @api.private
    def _take_turn(self):
        """Wait until nobody else computes.

        Whoever had to wait can't see what the other has written, and must not write it again:
        Odoo runs such a request anew, in a transaction that sees it.
        """
        if not self._is_my_turn():
            self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", LOCK))
            raise ConcurrencyError("another transaction computed the indicators meanwhile")

    @api.model
    def _refresh_all(self):
        """Compute everything the ledgers know."""
        ledger = self.env["crm.lead.period"]
        ledger.flush_model()
        [(first,)] = self.env.execute_query(SQL("SELECT MIN(date_from) FROM crm_lead_period"))
        if first:
            now = ledger._ledger_clock()
            self.refresh_values((first - ZONES).date(), (now + 2 * ZONES).date())

    @api.model
    def _cron_refresh(self):
        """Bring up to date what the ledger's touched days and the running periods need.

        A closed period keeps its values, but for indicators that follow what became of a cohort,
        and unless its history itself was imported, filled in or repaired.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.env["sales.kpi.touch"].search_count([]))
        while True:
            if not self._is_my_turn():
                return
            touched = self._refresh_touched()
            if not cron._commit_progress(touched) or touched < TOUCH_BATCH:
                return

    @api.private
    def _refresh_touched(self) -> int:
        """Take touched days off the queue and compute their periods; return how many there were."""
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM sales_kpi_touch
                      WHERE id IN (SELECT id FROM sales_kpi_touch
                                 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                  RETURNING company_id, day, COALESCE(is_history, FALSE)
                """,
                TOUCH_BATCH,
            )
        )
        days, restated = defaultdict(set), defaultdict(set)
        for company_id, day, is_history in rows:
            periods = {(kind, bucket_start(kind, day)) for kind in PERIOD_TYPES}
            days[company_id] |= periods
            if is_history:
                restated[company_id] |= periods
        followed, current = {}, {}
        last_weeks = self._last_weeks()
        for company in self._companies():
            today = self._today(company)
            # What is open at a period's end needs no event in it: all since the last run.
            running = set(buckets(last_weeks.get(company.id, today), today + timedelta(days=1)))
            asked = running | days[company.id]
            closing = today - timedelta(days=company.sales_kpi_close_days)
            followed[company.id] = sorted(asked)
            kept = running | restated[company.id]
            current[company.id] = sorted(
                item for item in asked if item in kept or bucket_end(*item) > closing
            )
        self._replace(followed, [family for family in FAMILIES if family.is_followed_up])
        self._replace(current, [family for family in FAMILIES if not family.is_followed_up])
        self._close_periods()
        return len(rows)

    @api.private
    def _companies(self):
        """Return all companies: what was done in an archived one before is counted as well."""
        return self.env["res.company"].with_context(active_test=False).search([])

    @api.private
    def _last_weeks(self) -> dict[int, date]:
        """Return the last week that has values, by company."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT company_id, MAX(date_from)
                         FROM sales_kpi_value
                        WHERE period_type = 'week' AND level = 'company'
                     GROUP BY company_id"""
                )
            )
        )

    @api.model
    def _today(self, company) -> date:
        zone = pytz.timezone(company.sales_tz or "UTC")
        return self._clock().replace(tzinfo=UTC).astimezone(zone).date()

    @api.model
    def _clock(self) -> datetime:
        return self.env["crm.lead.period"]._ledger_clock()

    @api.private
    def _replace(self, asked: dict[int, list[tuple[str, date]]], families=FAMILIES):
        """Compute ``families`` for the periods ``asked``, by company."""
        rows = [(kind, day, company) for company, items in asked.items() for kind, day in items]
        if not rows:
            return
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        types, days, companies = (list(column) for column in zip(*rows, strict=True))
        context = self._measure_context(days, [bucket_end(*row[:2]) for row in rows])
        self._tune()
        for name, select in sources(context, wanted(types, days, companies)).items():
            self._make_table(name, select)
        for family in families:
            self._make_table("kpi_fact", facts(family, context))
            self.env.cr.execute(remove_gone(family))
            self.env.cr.execute(write_facts())
        self.env["sales.kpi.value"].invalidate_model(flush=False)
        self.env["sales.kpi.target"].invalidate_model(["fact_value"], flush=False)

    @api.private
    def _tune(self):
        """Let this transaction sort in memory, and not compile: that costs more than it saves."""
        for name, value in SETTINGS.items():
            self.env.cr.execute(SQL("SELECT set_config(%s, %s, TRUE)", name, value))

    @api.private
    def _make_table(self, name: str, select: SQL):
        """Keep the rows of ``select`` in a temporary table, with statistics."""
        table = SQL.identifier(name)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, select))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    @api.private
    def _measure_context(self, starts: list[date], ends: list[date]) -> Context:
        """Return what a family must know to read the ledger for periods with these limits."""
        lower = datetime.combine(min(starts), time.min) - ZONES
        upper = datetime.combine(max(ends), time.min) + ZONES
        now = self._clock()
        timeline = self.env["resource.calendar.timeline"]
        timeline._ensure(min(lower, now))
        return Context(
            lower=lower,
            upper=min(upper, now + timedelta(seconds=1)),
            first_end=datetime.combine(min(ends), time.min) - ZONES,
            now=now,
            timeline_map=timeline._sql_timeline_map(),
            work_seconds=timeline._sql_work_seconds,
        )

    @api.private
    def _close_periods(self):
        """Mark the values of the periods whose days of grace are over."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE sales_kpi_value AS stored
                   SET is_closed = TRUE
                  FROM res_company AS company
                 WHERE company.id = stored.company_id
                   AND stored.is_closed IS NOT TRUE
                   AND stored.date_to + company.sales_kpi_close_days
                       <= (%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date
                """,
                self._clock(),
            )
        )
        self.env["sales.kpi.value"].invalidate_model(["is_closed"], flush=False)
