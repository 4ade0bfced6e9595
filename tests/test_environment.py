"""The same packages everywhere: pyproject.toml, environment.yml and the lock files tell one story, and none names a registry."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"pyosmium": "osmium"}
"""conda-forge's name: the name in pyproject.toml, where they differ."""
ONLY_CONDA = {"python", "nodejs", "pip"}
"""What pyproject.toml cannot list: the interpreter, npm for the browser's libraries, and pip itself."""
REQUIREMENT = re.compile(r"([a-z0-9-]+)((?:[<>=].*)?)\Z")


def split(line: str) -> tuple[str, str]:
    found = REQUIREMENT.match(line)
    assert found, f"not a plain requirement: {line}"
    return found[1], found[2]


def project() -> dict[str, str]:
    """Name → bounds of everything in pyproject.toml, the tools included."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return dict(split(line) for line in (*table["dependencies"], *table["optional-dependencies"]["dev"]))


def conda() -> dict[str, str]:
    """Name (as in pyproject.toml) → bounds of everything in environment.yml, read line by line: it is a plain list."""
    lines = (ROOT / "environment.yml").read_text("utf-8").partition("dependencies:\n")[2].splitlines()
    stripped = (line.strip() for line in lines)
    listed = dict(split(line.removeprefix("- ")) for line in stripped if line.startswith("- ") and line != "- pip:")
    return {CONDA_NAMES.get(name, name): bounds for name, bounds in listed.items()}


def locked(name: str) -> dict[str, str]:
    """Package → version in a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / name).read_text("utf-8"), flags=re.M))


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_conda_and_pip_list_the_same_packages_with_the_same_bounds() -> None:
    assert {name: bounds for name, bounds in conda().items() if name not in ONLY_CONDA} == project()


def test_conda_has_the_same_python() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert conda()["python"] == table["project"]["requires-python"]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_meets_the_bounds(name: str) -> None:
    pins = locked(name)
    wanted = project()
    assert set(wanted) <= set(locked("requirements-dev.lock"))
    too_old = [p for p, bounds in wanted.items() if p in pins and numbers(pins[p]) < numbers(bounds.removeprefix(">="))]
    assert too_old == []


def test_the_tools_lock_repeats_every_pin_of_the_service() -> None:
    tools = locked("requirements-dev.lock")
    assert {name: tools.get(name) for name in locked("requirements.lock")} == locked("requirements.lock")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.M)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ ", text)


def test_the_browser_libraries_are_pinned_exactly_and_without_addresses() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, entry in packages.items() if name and ("resolved" in entry or "integrity" not in entry)] == []
