"""What the Makefile calls: ``python3 -m project <command>``."""

from collections.abc import Callable

from . import check, lint, main, maintenance, odoo_suites, run

COMMANDS: dict[str, Callable[[list[str]], int | None]] = {
    "run": run.run,
    "test": check.check,
    "lint": lint.lint,
    "test-odoo": odoo_suites.test_odoo,
    "bench": maintenance.bench,
    "shell": maintenance.shell,
    "clean": maintenance.clean,
}

if __name__ == "__main__":
    main.main(lambda args: COMMANDS[args[0]](args[1:]))
