"""Databases built under another name and renamed, with their attachments, when they are whole."""

import hashlib
import os
import shutil
from pathlib import Path

from . import console, install_log, odoo_env, odoo_source, postgres, python_env
from .errors import ProjectError
from .paths import ADDONS, CHECKOUT, data_folder, digest_of, lock, log_folder

LANGUAGE = "ru_RU"
# changed with the way the template below is made, so that old ones are made anew
RECIPE = "2"
# everything of Odoo's that our addons stand on, installed once and copied for each database
MODULES = ("crm", "sale_management", "sale_crm", "contacts", "calendar", "spreadsheet_dashboard")
TEMPLATE = "odoo_template"
# what changes an installed database; tests, pictures and web assets don't
INSTALLED_SUFFIXES = {".py", ".xml", ".csv", ".po", ".json"}


def exists(name: str) -> bool:
    return postgres.sql(f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'") == "1"


def fingerprint() -> str:
    """Return a digest of our addons' installable content and of what they run on."""
    digest = hashlib.sha256(_base_key(demo=False).encode())
    for path in _installed_files():
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def is_current(name: str) -> bool:
    return exists(name) and _comment(name) == fingerprint()


def create(name: str, demo: bool, addons: tuple[str, ...] = ADDONS) -> None:
    """Make the database from nothing, replacing one of that name."""
    template = _template(demo)
    mark = fingerprint()
    building = _building(name)
    _copy(template, building)
    _install_log(name).unlink(missing_ok=True)
    install(building, addons, demo, _install_log(name).stem)
    drop(name)
    _rename(building, name)
    _set_comment(name, mark)


def install_problems(name: str) -> list[str]:
    """Return what warned or failed when our addons were last installed there."""
    return install_log.problems(_install_log(name).read_text("utf-8", "replace"))


def update(name: str) -> None:
    """Bring a database with data in it up to our addons' present code."""
    mark = fingerprint()
    odoo = ["-d", name, "-u", ",".join(ADDONS), "--stop-after-init", "--no-http"]
    _run_odoo(odoo, f"update-{name}", f"The database '{name}' could not be updated.")
    _set_comment(name, mark)


def install(name: str, modules: tuple[str, ...], demo: bool, log: str, *options: str) -> str:
    odoo = ["-d", name, "-i", ",".join(modules), "--stop-after-init", "--no-http", *options]
    demo_option = ["--with-demo"] if demo else []
    return _run_odoo([*odoo, *demo_option], log, f"{', '.join(modules)} could not be installed.")


def drop(name: str) -> None:
    if exists(name):
        postgres.sql(f'DROP DATABASE "{_checked(name)}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def _base_key(demo: bool) -> str:
    pins = (CHECKOUT / "requirements.txt").read_text()
    return digest_of(odoo_source.version(), pins, RECIPE, LANGUAGE, str(demo), *MODULES)


def _template(demo: bool) -> str:
    """Return the database with Odoo's own modules, made when it isn't there."""
    name = f"{TEMPLATE}_{'demo' if demo else 'plain'}_{_base_key(demo)}"
    if exists(name):
        return name
    with lock(f"template-{demo}"):
        if exists(name):
            return name
        kind = " with its demo data" if demo else ""
        with console.step(
            f"Preparing a database of Odoo's own modules{kind} (1 to 2 minutes, once)"
        ):
            _drop_old_templates(demo)
            building = _building(f"template_{demo}".lower())
            drop(building)
            install(building, MODULES, demo, "template")
            _load_language(building)
            _rename(building, name)
            # nobody connects to a template, or copying it fails
            postgres.sql(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
    return name


def _load_language(name: str) -> None:
    # after the installation: with --load-language at its start Odoo makes everyone Russian
    command = ["i18n", "loadlang", "-d", name, "-l", LANGUAGE]
    _run_odoo(command, "template", "The Russian translation could not be loaded.")


def _drop_old_templates(demo: bool) -> None:
    pattern = f"{TEMPLATE}_{'demo' if demo else 'plain'}_%"
    for name in postgres.sql(
        f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}'"
    ).split():
        drop(name)


def _copy(source: str, target: str) -> None:
    drop(target)
    postgres.sql(f'CREATE DATABASE "{_checked(target)}" TEMPLATE "{source}"')
    if _filestore(source).exists():
        # files are named by their content and never rewritten: links are as good as copies
        shutil.copytree(_filestore(source), _filestore(target), copy_function=os.link)


def _rename(old: str, new: str) -> None:
    # of a renaming that was cut short
    shutil.rmtree(_filestore(new), ignore_errors=True)
    if _filestore(old).exists():
        _filestore(old).rename(_filestore(new))
    postgres.sql(f'ALTER DATABASE "{old}" RENAME TO "{_checked(new)}"')


def _building(name: str) -> str:
    return f"{_checked(name)}_being_built"


def _filestore(name: str) -> Path:
    return data_folder() / "filestore" / name


def _install_log(name: str) -> Path:
    return log_folder() / f"install-{name}.log"


def _comment(name: str) -> str:
    return postgres.sql(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{_checked(name)}'"
    )


def _set_comment(name: str, text: str) -> None:
    postgres.sql(f"COMMENT ON DATABASE \"{_checked(name)}\" IS '{text}'")


def _checked(name: str) -> str:
    if not name.replace("_", "").replace("-", "").isalnum():
        raise ProjectError(
            f"'{name}' can't be a database's name: use letters, digits, '_' and '-'."
        )
    return name


def _installed_files() -> list[Path]:
    return sorted(
        path
        for addon in ADDONS
        for path in (CHECKOUT / addon).rglob("*")
        if path.suffix in INSTALLED_SUFFIXES
        and not {"tests", "__pycache__"} & set(path.parts)
        and "static" not in path.parts
    )


def _run_odoo(args: list[str], log: str, failure: str) -> str:
    command = [str(python_env.python()), "-m", "odoo", *args]
    return console.run_logged(command, log, failure, env=odoo_env.environment())
