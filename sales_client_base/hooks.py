"""What happens once, when the addon is installed."""

from odoo.tools import SQL


def pre_init_hook(env):
    """Make the extension that lets PostgreSQL refuse overlapping periods of one deal."""
    env.cr.execute(SQL("CREATE EXTENSION IF NOT EXISTS btree_gist"))


def post_init_hook(env):
    """Write the ledgers from what Odoo remembers, so that the first day shows years."""
    env["resource.calendar.timeline"]._ensure()
    env["crm.lead.period"]._backfill()
