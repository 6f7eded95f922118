"""Loading millions of periods: indexes and constraints are made after the load."""

from odoo import api, models
from odoo.tools import SQL


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _drop_indexes(self):
        """Drop what slows a load, keeping its definitions, comments included, in a temporary table.

        Odoo compares the comment with the code: without it the object would be made again at each
        update.
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE ledger_definition ON COMMIT DROP AS
                SELECT 'constraint' AS kind, conname AS name, pg_get_constraintdef(oid)
                    AS definition,
                       obj_description(oid, 'pg_constraint') AS comment, contype = 'f'
                           AS is_reference
                  FROM pg_constraint
                 WHERE conrelid = 'crm_lead_period'::regclass AND contype IN ('f', 'x')
             UNION ALL
                SELECT 'index', class.relname, pg_get_indexdef(class.oid),
                       obj_description(class.oid, 'pg_class'), FALSE
                  FROM pg_index AS ind
                  JOIN pg_class AS class ON class.oid = ind.indexrelid
                 WHERE ind.indrelid = 'crm_lead_period'::regclass
                   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = ind.indexrelid)
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DO $$
                DECLARE item record;
                BEGIN
                    FOR item IN SELECT * FROM ledger_definition LOOP
                        IF item.kind = 'constraint' THEN
                            EXECUTE format('ALTER TABLE crm_lead_period DROP CONSTRAINT %%I',
                                item.name);
                        ELSE
                            EXECUTE format('DROP INDEX %%I', item.name);
                        END IF;
                    END LOOP;
                END $$
                """
            )
        )

    @api.model
    def _restore_indexes(self):
        """Make everything anew: a wrong row makes this fail, and with it the load."""
        self.env.cr.execute(
            SQL(
                """
                DO $$
                DECLARE item record;
                BEGIN
                    FOR item IN SELECT * FROM ledger_definition ORDER BY is_reference, name LOOP
                        IF item.kind = 'constraint' THEN
                            EXECUTE format('ALTER TABLE crm_lead_period ADD CONSTRAINT %%I %%s',
                                           item.name, item.definition);
                            EXECUTE format('COMMENT ON CONSTRAINT %%I ON crm_lead_period IS %%L',
                                           item.name, item.comment);
                        ELSE
                            EXECUTE item.definition;
                            EXECUTE format('COMMENT ON INDEX %%I IS %%L', item.name, item.comment);
                        END IF;
                    END LOOP;
                END $$
                """
            )
        )
        self.env.cr.execute(SQL("DROP TABLE ledger_definition"))
