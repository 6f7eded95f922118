"""Every check that reads the code: the pre-commit hooks, then Odoo's own test_lint."""

import os
import subprocess

from . import console, node_env, odoo_env, odoo_source, python_env, tests
from .paths import ADDONS, CHECKOUT, cache

# of test_lint, the modules that look at what an addon declares
ODOO_LINT = ("index", "manifests", "naming", "override_signatures", "orm_import")


def lint(args: list[str]) -> int:
    """Run all checks; with file names, only the hooks, on those files."""
    python_env.ensure()
    node_env.ensure()
    hooks = _run_hooks(args)
    if args:
        return hooks
    return _run_odoo_lint() or hooks


def tool(args: list[str]) -> None:
    """Become one of the tools, as the hooks in .pre-commit-config.yaml call them."""
    python_env.ensure()
    node_env.ensure()
    name, *rest = args
    if name == "prettier":
        plugin = node_env.folder() / "node_modules/@prettier/plugin-xml/src/plugin.js"
        rest = [f"--plugin={plugin}", *rest]
    environment = _environment()
    os.execvpe(name, [name, *rest], environment)


def _environment() -> dict[str, str]:
    environment = os.environ | node_env.environment()
    programs = str(python_env.folder() / "bin")
    environment["PATH"] = os.pathsep.join([programs, environment["PATH"]])
    environment["PYTHONNOUSERSITE"] = "1"
    return environment


def _run_hooks(files: list[str]) -> int:
    which = ["--files", *files] if files else ["--all-files"]
    command = [str(python_env.python()), "-m", "pre_commit", "run", "--color=never", *which]
    environment = _environment() | {"PRE_COMMIT_HOME": str(cache() / "pre-commit")}
    return subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode


def _run_odoo_lint() -> int:
    odoo_env.ensure()
    name = "test_sales"
    tests.prepare(name, demo=False)
    folder = odoo_source.addons_folders()[-1] / "test_lint" / "tests"
    if not folder.is_dir():
        console.say(f"Odoo's own checks are missing: {folder} is not there.")
        return 1
    console.say(f"Odoo's own checks of {' and '.join(ADDONS)}:")
    files = [str(folder / f"test_{subject}.py") for subject in ODOO_LINT]
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={folder}"]
    return tests.run(name, [*options, *files], guarded=False)
