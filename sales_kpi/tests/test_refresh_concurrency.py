from threading import Thread
from unittest.mock import patch

from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import sales_kpi_refresh
from ..models.sales_kpi_refresh import LOCK
from .concurrency_common import RefreshConcurrencyCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestRefreshConcurrency(RefreshConcurrencyCommon):
    """Computations that meet each other, and one that fails half way."""

    def test_the_cron_leaves_the_work_to_whoever_does_it_already(self):
        self.make_deal(self.cr2)
        self.cr2.commit()
        before = self.touched(self.cr2)
        self.assertTrue(before)
        self.cr2.commit()
        self.cr1.execute(SQL("SELECT pg_advisory_xact_lock(%s)", LOCK))
        self.env_of(self.cr2)["sales.kpi"]._cron_refresh()
        self.cr2.rollback()
        self.assertEqual(self.touched(self.cr2), before)
        self.cr2.rollback()
        self.cr1.rollback()
        self.env_of(self.cr2)["sales.kpi"]._cron_refresh()
        self.assertEqual(self.touched(self.cr2), 0)

    def test_a_late_commit_is_not_lost(self):
        self.make_deal(self.cr1)
        self.assertEqual(self.env_of(self.cr2)["sales.kpi"]._refresh_touched(), 0)
        self.cr2.commit()
        self.cr1.commit()
        self.assertTrue(self.env_of(self.cr2)["sales.kpi"]._refresh_touched())
        self.cr2.commit()
        self.assertEqual(self.touched(self.cr1), 0)

    def test_two_refreshes_take_each_day_once(self):
        self.make_deal(self.cr1)
        self.cr1.commit()
        taken = self.env_of(self.cr1)["sales.kpi"]._refresh_touched()
        self.assertTrue(taken)
        # the second passes by what the first has taken and not committed yet
        self.cr2.execute("SELECT id FROM sales_kpi_touch FOR UPDATE SKIP LOCKED")
        self.assertFalse(self.cr2.fetchall())
        self.cr2.rollback()
        self.cr1.rollback()
        self.assertEqual(self.env_of(self.cr2)["sales.kpi"]._refresh_touched(), taken)

    def wait_for_the_waiting(self, thread):
        """Return when the thread waits for the lock, or is over."""
        is_waiting = False
        while thread.is_alive() and not is_waiting:
            with self.registry.cursor() as cr:
                cr.execute(
                    SQL(
                        """SELECT COUNT(*) FROM pg_locks
                            WHERE locktype = 'advisory' AND objid = %s AND NOT granted""",
                        LOCK,
                    )
                )
                is_waiting = bool(cr.fetchone()[0])
        return is_waiting

    def test_whoever_asks_while_another_computes_waits_and_gets_it(self):
        self.make_deal(self.cr1)
        self.cr1.commit()
        first, second = (self.env_of(cr)["sales.kpi"] for cr in (self.cr1, self.cr2))
        second_call = Thread(
            target=retrying,
            args=(lambda: second.refresh_values(self.today, self.tomorrow), second.env),
        )
        with (
            self.assertNoLogs("odoo", "WARNING"),
            patch("odoo.service.model.random.uniform", return_value=0),
        ):
            first.refresh_values(self.today, self.tomorrow)
            second_call.start()
            self.assertTrue(self.wait_for_the_waiting(second_call))
            self.make_deal(self.cr1)
            self.cr1.commit()
            second_call.join()
        self.cr2.commit()
        self.assertEqual(self.inquiries(), (2, 1))

    def test_a_failed_batch_keeps_its_days_and_what_was_done_before(self):
        self.make_deal(self.cr1)
        self.cr1.commit()
        self.env_of(self.cr1)["sales.kpi"]._refresh_touched()
        self.cr1.execute(
            SQL(
                """INSERT INTO sales_kpi_touch (company_id, day)
                   SELECT company.id, day
                     FROM (SELECT id FROM res_company ORDER BY id LIMIT 1) AS company,
                          UNNEST(%s::date[]) AS day""",
                [self.today, self.tomorrow],
            )
        )
        self.cr1.commit()
        kpis = self.env_of(self.cr2)["sales.kpi"]
        compute = type(kpis)._close_periods
        calls = []

        def fail_the_second_time(records):
            calls.append(compute(records))
            if len(calls) == 2:
                raise RuntimeError("out of memory")

        with (
            patch.object(sales_kpi_refresh, "TOUCH_BATCH", 1),
            patch.object(type(kpis), "_close_periods", fail_the_second_time),
            self.assertRaises(RuntimeError),
        ):
            kpis._cron_refresh()
        self.cr2.rollback()
        self.assertEqual(self.touched(self.cr1), 1)
        self.cr1.rollback()
        kpis._cron_refresh()
        self.assertEqual(self.touched(self.cr1), 0)
