"""Finds what the rows of an imported history name, one query for each kind of name."""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools import SQL

from .crm_lead_history_names import remembered
from .crm_lead_history_rows import CellError


class HistoryLookup:
    """What a company's names stand for. Archived records count where no active one has the name."""

    def __init__(self, env, rows):
        self.env = env
        self.company = env.company
        self.logins = {}
        self.users = self._read_users({row.salesperson for row in rows if row.salesperson})
        clients = list({row.client for row in rows if row.client})
        self.clients = self._read_clients(clients)
        self.former_clients = remembered(env, "client", clients)
        self.teams = self._by_label(
            self._read("crm.team", SQL("COALESCE(company_id, %s) = %s", *[self.company.id] * 2))
        )
        self.reasons = self._by_label(self._read("crm.lost.reason", SQL("TRUE")))
        self.former_reasons = remembered(
            env, "lost_reason", list({row.lost_reason for row in rows if row.lost_reason})
        )
        self._read_stages()

    def user(self, name: str) -> int:
        return self.logins.get(name) or self._one("salesperson", self.users, name, name)

    def team(self, name: str) -> int:
        return self._one("team", self.teams, name.casefold(), name)

    def client(self, name: str, own: set[int]) -> int | str:
        """Return the client's id, or the name of one to be made.

        :param own: the deal's clients so far: one that has the name, or had it when an earlier
            file named it, is still meant, whatever others are called now
        """
        found, former = self.clients.get(name, set()), self.former_clients.get(name)
        if same := own & {*found, former}:
            return min(same)
        return self._one("client", self.clients, name, name) if found else former or name

    def reason(self, name: str, own: set[int]) -> int | str:
        """Return the reason's id, or the name of one to be made; ``own`` as for clients."""
        found, former = self.reasons.get(name.casefold(), set()), self.former_reasons.get(name)
        return min(own & {*found, former} or found, default=former or name)

    def stage(self, name: str, team: int | None) -> int:
        """Return the team's stage of that name, in any language; ``won`` is its won stage."""
        if name.casefold() == "won":
            found = [stage for stage in self._stages_of(team) if stage.is_won]
        else:
            labelled = self.stage_labels.get(name.casefold(), ())
            found = [stage for stage in self._stages_of(team) if stage.id in labelled]
        if not found:
            raise CellError("stage", "unknown_stage", name)
        return found[0].id

    def is_won(self, stage: int) -> bool:
        return stage in self.won_stages

    def first_stage(self, team: int | None) -> int:
        """Return the stage of a deal that is lost with its first row."""
        found = [stage for stage in self._stages_of(team) if not stage.is_won]
        if not found:
            raise CellError("stage", "unknown_stage", "")
        return found[0].id

    def rank(self, period) -> tuple:
        """Return what the ledger orders stages by; a deleted stage keeps its place."""
        return (self.sequences.get(period.stage, period.sequence), period.stage)

    def _one(self, column: str, found: dict, key: str, name: str) -> int:
        ids = found.get(key, ())
        if len(ids) != 1:
            raise CellError(column, "ambiguous" if ids else f"unknown_{column}", name)
        return min(ids)

    def _read_users(self, names: set[str]) -> dict:
        users = self.env["res.users"].with_context(active_test=False)
        domain = Domain("company_ids", "in", self.company.ids) & (
            Domain("login", "in", list(names)) | Domain("name", "in", list(names))
        )
        rows = []
        for user in users.search_fetch(domain, ["login", "name", "active", "share"]):
            if user.login in names:
                self.logins[user.login] = user.id
            if not user.share:
                rows.append((user.id, [user.name], user.active))
        return self._by_label(rows, fold=False)

    def _read_clients(self, names: list[str]) -> dict:
        self.env["res.partner"].flush_model(["name", "active", "company_id", "is_company"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id, ARRAY[name], active
                     FROM res_partner
                    WHERE name = ANY(%s)
                      AND COALESCE(company_id, %s) = %s
                      AND (is_company OR parent_id IS NULL)""",
                names,
                *[self.company.id] * 2,
            )
        )
        return self._by_label(rows, fold=False)

    def _read(self, model: str, where: SQL) -> list[tuple]:
        """Return ``(id, names in all languages, active)``."""
        self.env[model].flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT id, ARRAY(SELECT value FROM jsonb_each_text(name)), active
                     FROM %s WHERE %s""",
                SQL.identifier(self.env[model]._table),
                where,
            )
        )

    def _read_stages(self):
        stages = self.env["crm.stage"].search([])
        stages.fetch(["sequence", "is_won", "team_ids"])
        self.stages = stages.sorted(lambda stage: (stage.sequence, stage.id))
        self.sequences = {stage.id: stage.sequence for stage in stages}
        self.won_stages = set(stages.filtered("is_won").ids)
        self._stages = {}
        rows = self.env.execute_query(
            SQL(
                """SELECT id, ARRAY(SELECT value FROM jsonb_each_text(name)), TRUE
                     FROM crm_stage""",
                to_flush=self.env["crm.stage"]._fields["name"],
            )
        )
        self.stage_labels = self._by_label(rows)

    def _stages_of(self, team: int | None) -> list:
        """Return a team's stages, its own first; without a team all, shared ones first."""
        if team not in self._stages:
            own = [stage for stage in self.stages if team and team in stage.team_ids.ids]
            shared = [stage for stage in self.stages if not stage.team_ids]
            other = [] if team else [stage for stage in self.stages if stage.team_ids]
            self._stages[team] = own + shared + other
        return self._stages[team]

    @staticmethod
    def _by_label(rows, fold=True) -> dict[str, set[int]]:
        found = {True: defaultdict(set), False: defaultdict(set)}
        for id_, labels, is_active in rows:
            for label in labels:
                key = label.strip()
                found[bool(is_active)][key.casefold() if fold else key].add(id_)
        return {**found[False], **found[True]}
