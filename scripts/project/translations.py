"""The translation files: what the code says is exported, what was translated stays."""

import subprocess
import sys
from pathlib import Path

from . import odoo_env, python_env
from .errors import ProjectError
from .paths import ADDONS, CHECKOUT

MERGE = """
import sys, polib
for addon in sys.argv[1:]:
    template = polib.pofile(f"{addon}/i18n/{addon}.pot")
    russian = polib.pofile(f"{addon}/i18n/ru.po")
    russian.merge(template)
    for entry in list(russian.obsolete_entries()):
        russian.remove(entry)
    russian.sort(key=lambda entry: entry.msgid)
    russian.save()
    print(f"{addon}: {len(russian)} terms, {len(russian.untranslated_entries())} to translate")
"""
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: ru\\n"
"""


def update(args: list[str]) -> int:
    """Bring .pot and ru.po of both addons up to the code, from a database that has them."""
    if len(args) != 1:
        raise ProjectError("name one database that has both addons: scripts/i18n test_sales")
    odoo_env.ensure()
    for addon in ADDONS:
        russian = _folder(addon) / "ru.po"
        if not russian.exists():
            russian.parent.mkdir(exist_ok=True)
            russian.write_text(HEADER, "utf-8")
    _run("-m", "odoo", "i18n", "export", "-d", args[0], *ADDONS, "-l", "pot")
    _run("-c", MERGE, *ADDONS)
    return 0


def _folder(addon: str) -> Path:
    return CHECKOUT / addon / "i18n"


def _run(*arguments: str) -> None:
    done = subprocess.run(
        [str(python_env.python()), *arguments],
        cwd=CHECKOUT,
        env=odoo_env.environment(),
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise ProjectError("the terms could not be exported; the lines above say why.")
