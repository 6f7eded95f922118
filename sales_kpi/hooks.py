"""What happens once, when the addon is installed."""


def post_init_hook(env):
    """Compute all periods that the ledgers know, so that the first day shows years."""
    env["sales.kpi"]._refresh_all()
