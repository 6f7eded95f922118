"""Makes the reference company, measures, prints one table; fails when a target is missed."""

import importlib
import os
import sys
from contextlib import contextmanager
from time import perf_counter

import generator
from table import Result, failed, printed

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from project import console, databases
from project.errors import ProjectError

CASES = (*("backfill", "repair", "stage_write", "pipeline", "history_import", "kpi", "workbook"),)


def main(chosen: list[str]) -> int:
    scale = float(os.environ.get("SCALE", "0.1"))
    unknown = set(chosen) - set(CASES)
    if unknown:
        raise ProjectError(
            f"No such benchmark: {', '.join(unknown)}. There are {', '.join(CASES)}."
        )
    name = f"bench_{scale:g}".replace(".", "_")
    with console.step(f"Making the database '{name}' with our addons"):
        databases.create(name, demo=False)
    odoo.tools.config.parse_config(
        ["-d", name, "--no-http", "--log-level=error"], setup_logging=True
    )
    with environment(name) as env:
        started = perf_counter()
        made = generator.generate(env, scale)
        env.cr.commit()
        facts = ", ".join(f"{count:,} {what}" for what, count in made.items())
        print(
            f"Reference company at scale {scale:g}: {facts};"
            f" made in {perf_counter() - started:.0f} s"
        )
    # without the back-fill there is no ledger to measure
    cases = [case for case in CASES if not chosen or case in chosen or case == "backfill"]
    results = []
    for case in cases:
        found = measure(name, case, scale)
        # at once: a case that takes for ever must not cost the figures of those before it
        print(printed(found), flush=True)
        results += found
    print(f"\n{printed(results)}")
    if os.environ.get("BENCH_KEEP") != "1":
        odoo.sql_db.close_all()
        databases.drop(name)
    return 0 if all(result.is_ok for result in results) else 1


def measure(name: str, case: str, scale: float) -> list[Result]:
    """Run one case; what goes wrong is a row of the table, never a number."""
    print(f"Measuring: {case}", flush=True)
    with environment(name) as env:
        try:
            return importlib.import_module(f"cases.{case}").run(env, scale)
        except Exception as error:  # whatever the reason, the other figures are wanted too
            return [failed(case, f"{type(error).__name__}: {error}".splitlines()[0])]


@contextmanager
def environment(name: str):
    """Give an environment of the system's user; what isn't committed is undone."""
    with Registry(name).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        cr.rollback()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ProjectError as error:
        sys.exit(f"Error: {error}")
