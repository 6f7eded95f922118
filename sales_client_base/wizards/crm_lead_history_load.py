"""How rows of history are understood, compared with the ledger and reported."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .crm_lead_history_lookup import HistoryLookup
from .crm_lead_history_rows import (
    CellError,
    Period,
    Plan,
    Row,
    plan_update,
    read_row,
    without_repeats,
)

MODULE = "crm_history_import"  # of the external ids


class CrmLeadHistoryImport(models.TransientModel):
    _inherit = "crm.lead.history.import"

    @api.model
    def load_rows(self, rows: list[dict], dry_run: bool = False) -> dict:
        """Create or complete deals with their history, each deal wholly or not at all.

        A row is an entry into a stage. Its keys are ``external_id``, ``name``, ``client``,
        ``salesperson`` (login or name), ``team``, ``stage`` (a name in any installed language,
        ``won`` or ``lost``), ``entered_at`` (ISO 8601; UTC when it names no zone),
        ``expected_revenue``, ``date_deadline`` and ``lost_reason``. A cell left empty means: as in
        the deal's row before.
        Loading the same rows again changes nothing, also after a client or lost reason was renamed
        or merged. Of a deal loaded before, the rows tell the time from the first of them to the
        last: a row left out in between is taken back, stages before and after stay in the ledger,
        since exports are often partial. To take the last stage back, move the deal in Odoo.

        :param rows: rows of one deal need not stand together; ordered by time, equal times as given
        :param dry_run: report only, write nothing
        :return: ``{"created", "updated", "unchanged", "errors": [{"line", "column", "message"}]}``;
            counts are of deals. ``line`` is the row's own key ``line`` if it has one (a file's
            line), else its place in ``rows``, counted from 1.
        """
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only the head of sales may import the history of deals."))
        # What happened in this transaction comes before.
        self.env["crm.lead.period"].flush_model()
        loader = self.with_env(self.env(context=self._clean_context()))
        read, errors, broken = self._read_rows(rows)
        plans, unchanged = loader._make_plans(read, errors, broken)
        created = sum(not plan.lead_id for plan in plans)
        if plans and not dry_run:
            loader._write_plans(plans)
        errors.sort(key=lambda pair: pair[0])
        return {
            "created": created,
            "updated": len(plans) - created,
            "unchanged": unchanged,
            "errors": [
                {"line": line, "column": error.column, "message": self._explain(error)}
                for line, error in errors
            ],
        }

    @api.model
    def _clean_context(self) -> dict:
        return {
            **{
                key: value
                for key, value in self.env.context.items()
                if key in ("lang", "tz", "allowed_company_ids")
            },
            "tracking_disable": True,
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
        }

    @api.model
    def _read_rows(self, rows: list[dict]) -> tuple[list[Row], list, set[str]]:
        """Return the rows, errors as ``(line, error)``, and the deals that have any."""
        now = self.env["crm.lead.period"]._ledger_clock()
        read, errors, broken = [], [], set()
        for number, values in enumerate(rows, 1):
            row, problems = read_row(values, values.get("line") or number, now)
            read.append(row)
            errors.extend((row.line, problem) for problem in problems)
            if problems:
                broken.add(row.external_id)
        return read, errors, broken

    @api.model
    def _make_plans(self, rows: list[Row], errors: list, broken: set[str]) -> tuple[list, int]:
        """Return what is to be written, and the number of deals that the ledger knows already."""
        lookup = HistoryLookup(self.env, rows)
        deals = defaultdict(list)
        for row in rows:
            deals[row.external_id].append(row)
        known = self._read_known(list(deals))
        stored = self._read_stored([lead_id for lead_id, _company in known.values()])
        plans, unchanged = [], 0
        for external_id, entries in deals.items():
            lead_id, company_id = known.get(external_id, (None, None))
            if company_id and company_id != self.env.company.id:
                errors.append((entries[0].line, CellError("external_id", "company", external_id)))
                continue
            history = stored.get(lead_id, [])
            plan = self._make_plan(lookup, entries, lead_id, history, errors, broken)
            if plan and plan.added:
                plans.append(plan)
            elif plan:
                unchanged += 1
        return plans, unchanged

    @api.model
    def _make_plan(self, lookup, entries, lead_id, stored, errors, broken) -> Plan | None:
        periods, problems = [], []
        for row in entries:
            if not row.entered_at:  # of no use, but all that is wrong with it is said at once
                _period, wrong = self._make_period(lookup, row, None, stored)
                problems.extend((row.line, error) for error in wrong)
        entries = [row for row in entries if row.entered_at]
        entries.sort(key=lambda row: row.entered_at)
        external_id = entries[0].external_id if entries else ""
        earlier = [one for one in stored if entries and one.date_from < entries[0].entered_at]
        for row in entries:
            before = periods[-1] if periods else (earlier[-1] if earlier else None)
            period, wrong = self._make_period(lookup, row, before, stored)
            problems.extend((row.line, error) for error in wrong)
            if period:
                periods.append(period)
        errors.extend(problems)
        if problems or external_id in broken or not external_id:
            return None
        periods = without_repeats(periods, None)
        try:
            kept, voided, added = plan_update(stored, periods, lookup.rank)
        except CellError as error:
            errors.append((periods[-1].line, error))
            return None
        return Plan(external_id, entries[-1].name, lead_id, kept, voided, added)

    @api.model
    def _make_period(self, lookup, row, before, stored) -> tuple[Period | None, list[CellError]]:
        """Look up what a row names; what it leaves empty is as in the deal's row before."""
        errors = []

        def find(name, search, otherwise):
            try:
                return search(name) if name else otherwise
            except CellError as error:
                errors.append(error)
                return otherwise

        team = find(row.team, lookup.team, before.team if before else None)
        user = find(row.salesperson, lookup.user, before.user if before else None)
        clients = {period.client for period in stored if period.client}
        client = find(
            row.client,
            lambda name: lookup.client(name, clients),
            before.client if before else None,
        )
        status, stage = "pending", before.stage if before else None
        if row.stage.casefold() == "lost":
            status = "lost"
            stage = stage or find("lost", lambda _name: lookup.first_stage(team), None)
        else:
            stage = find(row.stage, lambda name: lookup.stage(name, team), None)
            status = "won" if stage and lookup.is_won(stage) else "pending"
        if errors or not stage:
            return None, errors
        last_reason = before.lost_reason if before and before.status == "lost" else None
        reason = last_reason
        if row.lost_reason:
            reasons = {period.lost_reason for period in stored if period.lost_reason}
            reason = lookup.reason(row.lost_reason, reasons)
        revenue = before.revenue if before else 0.0
        if row.expected_revenue is not None:
            revenue = self.env.company.currency_id.round(row.expected_revenue)
        deadline = row.date_deadline or (before.deadline if before else None)
        return Period(
            *(row.entered_at, stage, user, team, client, status),
            *(reason if status == "lost" else None, revenue, deadline, row.line),
            names={"client": row.client, "lost_reason": row.lost_reason},
        ), errors

    @api.model
    def _read_known(self, external_ids: list[str]) -> dict[str, tuple[int, int]]:
        """Return ``{external id: (deal id, company id)}`` of the deals imported before."""
        self.env["ir.model.data"].flush_model()
        self.env["crm.lead"].flush_model(["company_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT data.name, lead.id, lead.company_id
                     FROM ir_model_data AS data
                     JOIN crm_lead AS lead ON lead.id = data.res_id
                    WHERE data.module = %s AND data.model = 'crm.lead' AND data.name = ANY(%s)""",
                MODULE,
                external_ids,
            )
        )
        return {name: (lead_id, company_id) for name, lead_id, company_id in rows}

    @api.model
    def _read_stored(self, lead_ids: list[int]) -> dict[int, list[Period]]:
        """Return the ledger of the deals, oldest period first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT origin_lead_id, date_from, origin_stage_id, origin_user_id,
                          origin_team_id, COALESCE(client_id, origin_client_id),
                          won_status, lost_reason_id,
                          expected_revenue::float8, date_deadline, 0, stage_sequence, date_to,
                          stage_entered_at, is_stage_entry, direction, outcome, qualified_at,
                          id, source
                     FROM crm_lead_period
                    WHERE origin_lead_id = ANY(%s) AND voided_at IS NULL
                 ORDER BY date_from, date_to NULLS LAST, id""",
                lead_ids,
            )
        )
        stored = defaultdict(list)
        for lead_id, *values in rows:
            stored[lead_id].append(Period(*values))
        return stored

    @api.model
    def _explain(self, error: CellError) -> str:
        """Return the reason of an error in the user's language."""
        value = error.value
        reasons = {
            "missing": self.env._("A value is required here."),
            "moment": self.env._("“%s” is not a time such as 2026-03-31 14:30 (UTC).", value),
            "day": self.env._("“%s” is not a date such as 2026-03-31.", value),
            "amount": self.env._("“%s” is not a number.", value),
            "future": self.env._("“%s” lies in the future.", value),
            "past": self.env._("“%s” lies before 1990.", value),
            "ambiguous": self.env._("“%s” is the name of several records.", value),
            "company": self.env._("The deal “%s” belongs to another company.", value),
            "touched": self.env._(
                "The deal was changed in Odoo since; its history of %s stays.", value
            ),
            "unknown_salesperson": self.env._("No user has the login or name “%s”.", value),
            "unknown_team": self.env._("No sales team is named “%s”.", value),
            "unknown_stage": self.env._("The team has no stage “%s”.", value),
        }
        return reasons[error.code]
