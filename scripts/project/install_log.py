"""What Odoo's log of an installation must not contain."""

import re

from .pytest_guard import is_allowed_log

LEVEL = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (WARNING|ERROR|CRITICAL) ")


def problems(output: str) -> list[str]:
    """Return the lines that warn or fail, but for those that the machine is the reason of."""
    return [line for line in output.splitlines() if LEVEL.match(line) and not is_allowed_log(line)]
