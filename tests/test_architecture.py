"""Who may import whom, and what nobody may do. A new edge is a decision: change the table in the same commit.

The number of a module of `geo` is its level: it imports modules of its own or a lower level only. A module without a line of its own
has the level of the nearest package above it; one with neither fails, so that a new module is placed on purpose.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LEVELS = {
    **dict.fromkeys(("geo.errors", "geo.schema", "geo.crs", "geo.profile"), 0),
    **dict.fromkeys(
        (
            "geo.geometry",
            "geo.values",
            "geo.query",
            "geo.nearness",
            "geo.classes",
            "geo.bins",
            "geo.filters",
            "geo.lanes",
            "geo.network",
            "geo.gas",
            "geo.coverage",
            "geo.placing",
            "geo.cutting",
        ),
        1,
    ),
    **dict.fromkeys(("geo.hazards", "geo.gaps", "geo.questions", "geo.rules", "geo.tiles", "geo.access", "geo.ledger", "geo.synthetic"), 1),
    **dict.fromkeys(
        ("geo.formats", "geo.sandbox", "geo.children", "geo.store", "geo.frames", "geo.columns", "geo.derived", "geo.templates"), 2
    ),
    **dict.fromkeys(
        (
            "geo.imports",
            "geo.exports",
            "geo.answers",
            "geo.matching",
            "geo.places",
            "geo.statistics",
            "geo.belonging",
            "geo.recorded",
            "geo.card",
            "geo.figures",
            "geo.figure_maps",
            "geo.projects",
            "geo.tilesets",
        ),
        3,
    ),
}
MAY_IMPORT = {  # outside geo: which packages of ours; nothing imports app, tests, bench or docs
    "geo": ("geo",),
    "layers": ("layers", "geo.errors", "geo.schema"),
    "web": ("web", "layers", "geo"),
    "app": ("web", "layers", "geo"),
}
ONLY_IN = {  # an outside library: its only homes among our modules
    **dict.fromkeys(("flask", "flask_babel", "flask_limiter", "flask_wtf", "werkzeug", "wtforms"), ("app", "web")),
    **dict.fromkeys(("jinja2", "waitress", "click"), ("app", "web")),
    **dict.fromkeys(("folium", "branca"), ("web.render",)),
    "sqlalchemy": ("geo.store",),
    "sqlite3": ("geo.store", "geo.formats.gpkg", "geo.formats.writing"),  # the child looks into foreign GeoPackages with it, read only
    **dict.fromkeys(("pyogrio", "fiona", "osmium", "python_calamine", "ezdxf", "pyarrow"), ("geo.formats",)),
    "apsw": (),  # a second SQLite, for tests that cut the power
    "chinese_calendar": ("geo.hazards",),
    "cql2": ("geo.filters",),
    "rich": ("web",),
    "xlsxwriter": ("geo.exports", "geo.templates"),
    **dict.fromkeys(("requests", "urllib3", "httpx", "aiohttp", "http.client", "urllib.request", "ftplib", "smtplib"), ()),
    **dict.fromkeys(("pickle", "cPickle", "dill", "shelve", "marshal", "yaml"), ()),
}
NOT_IN_PURE = {  # levels 0 and 1: time, ids, paths and settings are arguments
    "os", "io", "time", "random", "socket", "ssl", "subprocess", "multiprocessing", "threading", "asyncio", "logging", "pathlib", "tempfile",
    "shutil", "secrets", "uuid", "urllib.request", "http", "glob", "signal", "resource",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "environ", "getenv"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "render_template_string"}
FORBIDDEN_METHODS = {"query", "eval", "popen", "render_template_string", "from_string"}
FORBIDDEN_NAMES = {"os.system", "os.popen", "asyncio.create_subprocess_shell"}
_LAST_NAMES = {name.rpartition(".")[2] for name in FORBIDDEN_NAMES}
ASKED = (ast.Import, ast.ImportFrom, ast.Attribute, ast.Call, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.Compare)
MAY_BRANCH_ON_LAYERS = ("geo.rules", "geo.questions", "geo.synthetic", "geo.gas", "geo.lanes")


@dataclass(frozen=True)
class Module:
    """One of our source files: its dotted name, its syntax tree and the ids of the declared layers (for the branching rule)."""

    name: str
    tree: ast.Module

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """The nodes that a rule may ask about, without those that only say load or store."""
        found: list[ast.AST] = [self.tree]
        for node in found:  # grows meanwhile; ast.walk takes three times as long
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    found += [one for one in value if isinstance(one, ast.AST)]
                elif isinstance(value, ast.AST) and name != "ctx":
                    found.append(value)
        return [node for node in found if isinstance(node, ASKED)]

    @cached_property
    def imported(self) -> list[str]:
        return list(imported(self.nodes))


def inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == p or name.startswith(p + ".") for p in packages)


def packages_of(name: str) -> list[str]:
    """`a.b.c` is in a, a.b and a.b.c."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def our_modules(root: Path) -> Iterator[Module]:
    for path in sorted(path for package in MAY_IMPORT for path in (*root.glob(f"{package}.py"), *(root / package).rglob("*.py"))):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        yield Module(name, ast.parse(path.read_text("utf-8"), str(path)))


def imported(nodes: list[ast.AST]) -> Iterator[str]:
    """Every imported name, inside functions and under TYPE_CHECKING too; `from a import b` counts as a.b."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(name: str) -> int | None:
    """The level of a module of geo: its own line or the nearest one above it."""
    while name:
        if name in LEVELS:
            return LEVELS[name]
        name = name.rpartition(".")[0]
    return None


def broken_arrows(module: Module) -> Iterator[str]:
    package = module.name.partition(".")[0]
    for target in module.imported:
        ours = target.partition(".")[0] in (*MAY_IMPORT, "tests", "bench", "docs")
        if ours and not inside(target, MAY_IMPORT[package]):
            yield f"{module.name} may not import {target}"
        mine, theirs = level(module.name), level(target)
        if package == "geo" and mine is not None and theirs is not None and theirs > mine:
            yield f"{module.name} (level {mine}) may not import {target} (level {theirs})"


def without_level(module: Module) -> Iterator[str]:
    if module.name.startswith("geo.") and level(module.name) is None:
        yield f"{module.name} has no level: give it one in LEVELS"


def relative_imports(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{module.name}:{node.lineno} relative imports hide the direction; write the full name"


def libraries_away_from_home(module: Module) -> Iterator[str]:
    for target in module.imported:
        for library in packages_of(target):
            if library in ONLY_IN and not inside(module.name, ONLY_IN[library]):
                yield f"{module.name} may not import {library}"


def impure(module: Module) -> Iterator[str]:
    mine = level(module.name)
    if mine is None or mine > 1:
        return
    for target in module.imported:
        if not NOT_IN_PURE.isdisjoint(packages_of(target)):
            yield f"{module.name} (level {mine}) may not import {target}"
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield f"{module.name}:{node.lineno} reads a clock or the environment (.{node.attr})"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{module.name}:{node.lineno} opens a file"


def dangerous(module: Module) -> Iterator[str]:
    """The gate of the threat model: no code from text, no shell, no unsafe loaders."""
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        where = f"{module.name}:{node.lineno}"
        if isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield f"{where} calls {node.func.id}()"
        if isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN_METHODS and not on_a_tree(node, node.func):
            yield f"{where} calls .{node.func.attr}()"
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LAST_NAMES and ast.unparse(node.func) in FORBIDDEN_NAMES:
            yield f"{where} calls {ast.unparse(node.func)}()"
        for keyword in node.keywords:
            if keyword.arg in ("shell", "allow_pickle") and getattr(keyword.value, "value", None) is True:
                yield f"{where} says {keyword.arg}=True"


def on_a_tree(call: ast.Call, method: ast.Attribute) -> bool:
    """`query` of an STRtree or a cKDTree: it takes geometries and points."""
    return "tree" in ast.unparse(method.value).lower() or any(k.arg == "predicate" for k in call.keywords)


def functions_in_declarations(module: Module) -> Iterator[str]:
    if module.name.startswith("layers."):
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
                yield f"{module.name}:{node.lineno} declarations hold values, no functions"


def branches_on_a_layer(module: Module) -> Iterator[str]:
    """`if layer.id == "compounds"` means that a field is missing from Layer."""
    if inside(module.name, MAY_BRANCH_ON_LAYERS):
        return
    for node in module.nodes:
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "id":
            owner = node.left.value
            said = [c for c in node.comparators if isinstance(c, ast.Constant) and isinstance(c.value, str)]
            if said and isinstance(owner, ast.Name | ast.Attribute) and "layer" in ast.unparse(owner):
                yield f"{module.name}:{node.lineno} branches on a layer's id: {ast.unparse(node)}"


RULES: tuple[Callable[[Module], Iterator[str]], ...] = (
    broken_arrows,
    without_level,
    relative_imports,
    libraries_away_from_home,
    impure,
    dangerous,
    functions_in_declarations,
    branches_on_a_layer,
)


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return list(our_modules(ROOT))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_obeys(rule: Callable[[Module], Iterator[str]], modules: list[Module]) -> None:
    assert [line for module in modules for line in rule(module)] == []


PLANTED = [
    (broken_arrows, "geo/crs.py", "from geo.store import open_store"),
    (broken_arrows, "geo/lanes.py", "def f():\n    import geo.frames"),
    (broken_arrows, "geo/frames.py", "from layers import ALL"),
    (broken_arrows, "geo/exports/csv.py", "import web.http"),
    (broken_arrows, "layers/fire.py", "from geo.crs import Bounds"),
    (broken_arrows, "layers/fire.py", "from geo import crs"),
    (broken_arrows, "web/http.py", "import app"),
    (broken_arrows, "web/http.py", "from bench import run"),
    (without_level, "geo/utils.py", ""),
    (relative_imports, "geo/query.py", "from . import crs"),
    (libraries_away_from_home, "geo/query.py", "import flask"),
    (libraries_away_from_home, "web/pages.py", "import folium"),
    (libraries_away_from_home, "web/pages.py", "from sqlalchemy import text"),
    (libraries_away_from_home, "geo/imports/table.py", "import pyogrio"),
    (libraries_away_from_home, "geo/store/gpkg.py", "import fiona"),
    (libraries_away_from_home, "geo/sandbox.py", "import pickle"),
    (libraries_away_from_home, "web/http.py", "from urllib.request import urlopen"),
    (impure, "geo/crs.py", "from os import environ"),
    (impure, "geo/rules/width.py", "import time"),
    (impure, "geo/gas.py", "from datetime import datetime\nx = datetime.now()"),
    (impure, "geo/gas.py", "x = open('a')"),
    (dangerous, "geo/store/gpkg.py", "eval('1')"),
    (dangerous, "geo/frames.py", "frame.query('a > 1')"),
    (dangerous, "web/pages.py", "flask.render_template_string(x)"),
    (dangerous, "geo/sandbox.py", "import os\nos.system('ls')"),
    (dangerous, "geo/sandbox.py", "import subprocess\nsubprocess.run('ls', shell=True)"),
    (functions_in_declarations, "layers/gas.py", "def f(): ..."),
    (branches_on_a_layer, "web/pages.py", "if layer.id == 'compounds': pass"),
]


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED)
def test_a_planted_fault_is_found(rule: Callable[[Module], Iterator[str]], path: str, source: str, tmp_path: Path) -> None:
    """The negative control: each rule fails on a file that breaks it."""
    place = tmp_path / path
    place.parent.mkdir(parents=True)
    place.write_text(source, "utf-8")
    assert [line for module in our_modules(tmp_path) for line in rule(module)] != []


def test_every_module_is_looked_at(modules: list[Module]) -> None:
    """A check over an empty list would pass."""
    names = {module.name for module in modules}
    assert {"geo.errors", "geo.schema", "geo.crs", "layers", "web"} <= names


def test_no_test_folder_is_a_package() -> None:
    """tests/geo/__init__.py would shadow the real geo."""
    assert sorted(str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob("__init__.py")) == []


def test_test_files_have_names_of_their_own() -> None:
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if p.name != "conftest.py"]
    assert sorted({n for n in names if names.count(n) > 1}) == []
