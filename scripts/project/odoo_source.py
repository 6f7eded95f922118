"""Odoo 19: Debian's package unpacked into the cache, or a checkout named by ODOO_SOURCE."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import console
from .errors import DISK_FULL, NoNetworkError, ProjectError
from .paths import build_whole, cache, digest_of

ODOO = "odoo-19"
# files of these packages are linked to from Odoo's; the web client breaks without them
BESIDE = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
)
# Debian's later releases rename the files of version 4, which Odoo's links point to
OF_STABLE = "fonts-font-awesome"
STABLE, SUITE = "bookworm", "sid"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
OS_RELEASE = Path("/etc/os-release")
SEGMENTATION = "@mediapipe/selfie_segmentation"
SEGMENTATION_VERSION = "0.1.1675465747"
SEGMENTATION_FILE = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def folder() -> Path:
    recipe = (ODOO, *BESIDE, OF_STABLE, STABLE, SUITE, SEGMENTATION_VERSION)
    return cache() / "odoo" / digest_of(*recipe)


def from_checkout() -> Path | None:
    source = os.environ.get("ODOO_SOURCE")
    if not source:
        return None
    path = Path(source).expanduser().resolve()
    if not (path / "odoo" / "release.py").is_file():
        raise ProjectError(f"ODOO_SOURCE={source} is not a checkout of Odoo (no odoo/release.py).")
    if "19" not in (path / "odoo" / "release.py").read_text():
        raise ProjectError(f"ODOO_SOURCE={source} is not Odoo 19: check out its branch 19.0.")
    return path


def python_path() -> Path:
    """Return the folder to put on Python's path."""
    return from_checkout() or folder() / "usr" / "lib" / "python3" / "dist-packages"


def addons_folders() -> list[Path]:
    builtin = python_path() / "odoo" / "addons"
    # the package keeps all addons there; its folder "addons" holds copies without their data files
    return [python_path() / "addons", builtin] if from_checkout() else [builtin]


def version() -> str:
    """Return what tells this Odoo from another one."""
    source = from_checkout()
    if not source:
        return (folder() / "VERSION").read_text().strip()
    head = subprocess.run(
        ["git", "-C", str(source), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return f"{source} {head.stdout.strip()}"


def is_there() -> bool:
    return bool(from_checkout()) or folder().exists()


def ensure() -> Path:
    """Return Odoo's folder, after fetching the package when it is not there."""
    if not is_there():
        check()
        with console.step("Fetching Odoo 19 from Debian (130 MB; 1.3 GB unpacked)"):
            build_whole(folder(), _build)
    return python_path()


def check() -> None:
    """Refuse a system that Odoo's package can't be fetched on."""
    if from_checkout():
        return
    text = OS_RELEASE.read_text() if OS_RELEASE.exists() else ""
    if "ID=debian" not in text.splitlines() or not shutil.which("apt-get"):
        raise ProjectError(
            "This system is not Debian, so Odoo can't be fetched from packages: set ODOO_SOURCE "
            "to a checkout of Odoo 19 (a git clone of its branch 19.0), or use Docker (README.md)."
        )


def _build(half: Path) -> None:
    work = half / "fetch"
    for name in ("lists/partial", "cache/archives/partial", "stable", "sid"):
        (work / name).mkdir(parents=True)
    mirror = _mirror()
    for suite, packages in ((SUITE, (ODOO, *BESIDE)), (STABLE, (OF_STABLE,))):
        _fetch(work, mirror, suite, packages)
    archives = sorted(work.glob("*.deb"))
    for archive in archives:
        console.run_logged(
            ["dpkg-deb", "-x", str(archive), str(half)],
            "odoo",
            f"{archive.name} can't be unpacked.",
        )
    _add_segmentation(half, work)
    (half / "VERSION").write_text(
        next(path.stem for path in archives if path.name.startswith(ODOO))
    )
    shutil.rmtree(work)


def _mirror() -> str:
    """Return the address of this machine's own Debian mirror."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    lines = [line.split() for line in listed.splitlines() if line.strip()]
    # security updates and third parties have no suite 'sid'
    addresses = [words[0] for words in lines if len(words) > 1 and "-" not in words[1]]
    addresses.sort(key=lambda address: not address.rstrip("/").endswith("debian"))
    if not addresses:
        raise ProjectError("apt has no Debian mirror on this machine: check /etc/apt/sources.list.")
    return addresses[0]


def _fetch(work: Path, mirror: str, suite: str, packages: tuple[str, ...]) -> None:
    sources = work / f"{suite}.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    console.run_logged([*apt, "update"], "odoo", _fetch_error, cwd=work)
    console.run_logged([*apt, "download", *packages], "odoo", _fetch_error, cwd=work)


def _fetch_error(output: str) -> ProjectError:
    if "No space left" in output:
        return ProjectError(DISK_FULL)
    if "NO_PUBKEY" in output or KEYRING in output:
        return ProjectError("Debian's keys are missing: apt install debian-archive-keyring.")
    if "Unable to locate package" in output:
        return ProjectError(
            f"This machine's Debian mirror has no package {ODOO}: set ODOO_SOURCE to a checkout "
            "of Odoo 19."
        )
    return NoNetworkError("Odoo could not be downloaded: check the network, then run this again.")


def _add_segmentation(half: Path, work: Path) -> None:
    """Add the one script the Debian package leaves out (blurs the background of video calls)."""
    target = half / "usr/lib/python3/dist-packages/odoo/addons" / SEGMENTATION_FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    if not shutil.which("npm"):
        # the web client's bundle asks for it: an empty script is enough where it can't be had
        target.write_text("/* not installed: background blur in video calls */\n")
        return
    console.run_logged(
        ["npm", "pack", "--silent", f"{SEGMENTATION}@{SEGMENTATION_VERSION}"],
        "odoo",
        lambda output: NoNetworkError(
            "A part of Odoo's web client could not be downloaded from npm: check the network, "
            f"then run this again.\n{console.last_lines(output, 2)}"
        ),
        cwd=work,
    )
    with tarfile.open(next(work.glob("*.tgz"))) as archive:
        target.write_bytes(archive.extractfile("package/selfie_segmentation.js").read())
