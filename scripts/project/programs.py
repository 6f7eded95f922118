"""Python with its packages and Odoo itself: looked for, and fetched side by side when missing."""

import shutil
from concurrent.futures import ThreadPoolExecutor

from . import odoo_source, python_env
from .errors import ProjectError
from .paths import cache

NEEDED_GB = 4


def ensure() -> None:
    if python_env.is_there() and odoo_source.is_there():
        return
    # everything that can be refused is refused before anything is fetched
    python_env.check()
    odoo_source.check()
    _check_disk()
    with ThreadPoolExecutor() as pool:
        for work in [pool.submit(python_env.ensure), pool.submit(odoo_source.ensure)]:
            work.result()


def _check_disk() -> None:
    free = shutil.disk_usage(cache()).free / 2**30
    if free < NEEDED_GB:
        raise ProjectError(
            f"Too little disk: {cache()} has {free:.1f} GB free and {NEEDED_GB} GB are needed. "
            "Free some, or set SALES_CACHE to a folder on a larger disk."
        )
