"""Writes docs/reference and the pictures of docs/measures from the code. `make docs`; a test is red when one of them is stale."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask

import layers
from docs.pictures import ALL as PICTURES
from geo import errors
from geo.errors import Text, YuantuError
from geo.imports.account import REASONS
from geo.questions import catalogue as questions
from geo.questions.declaration import ANSWER_FIELDS, Parameter, Question
from geo.rules.book import NOT_CARRIED
from geo.schema import COMMON, SYSTEM, Field, Layer
from web.profiles import FIRST, shipped
from web.rule_book import NOT_VERIFIED, Entry, families, measured, word
from web.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MEASURES = ROOT / "docs" / "measures"
WRITTEN = "<!-- Written by `make docs` from the code; change the declaration, not this page. -->"


def cell(value: object) -> str:
    """A value as one cell of a Markdown table."""
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell(value) for value in row) + " |"
    yield ""


def code(values: Iterable[str]) -> str:
    return ", ".join(f"`{v}`" for v in values)


def both(text: Text | None) -> str:
    """A text in both languages, once where they are the same."""
    if text is None:
        return ""
    return " / ".join(dict.fromkeys(part for part in (text.zh, text.en) if part))


def field_row(field: Field) -> tuple[object, ...]:
    kind = f"→ code of `{field.refers}`" if field.refers else field.type
    limits = [f"≥ {field.minimum:g}" if field.minimum is not None else "", f"≤ {field.maximum:g}" if field.maximum is not None else ""]
    values = "; ".join(f"`{c.value}` {both(c.label)}" for c in field.choices) or " ".join(filter(None, limits))
    marks = ", ".join(mark for mark, said in (("public", field.public), ("required", field.required)) if said)
    return f"`{field.name}`", both(field.label), kind, both(field.unit), values, marks, "、".join(field.aliases), code(field.osm)


FIELD_HEADS = ("field", "label", "type", "unit", "values", "", "column headings understood", "OSM tags")


def layer_section(layer: Layer) -> Iterator[str]:
    yield f"## `{layer.id}`: {both(layer.label)}\n"
    if layer.help:
        yield both(layer.help) + "\n"
    facts = [f"{both(layer.group)}", ", ".join(layer.geometry)]
    facts += ["internal: never published"] if layer.internal else []
    facts += [f"without a code, known by {code(layer.natural_key)}"] if layer.natural_key else []
    facts += [f"without coordinates, placed by {code(layer.place_by)}"] if layer.place_by else []
    yield "; ".join(facts) + ".\n"
    if layer.aliases:
        yield f"Names of files, sheets and tables understood: {'、'.join(layer.aliases)}\n"
    if layer.cad:
        fills = f"; texts beside its features fill `{layer.cad_text}`" if layer.cad_text else ""
        yield f"Names of CAD layers understood besides: {'、'.join(layer.cad)}{fills}\n"
    yield from table(FIELD_HEADS, map(field_row, layer.fields))


def layers_page() -> Iterator[str]:
    yield "# Layers and fields\n"
    yield (
        "Every layer has the fields of the first table beside its own. Geometry is kept as longitude and latitude (EPSG:4326) and may be "
        "missing: such a feature is *unplaced*. In headings, case, blanks, bracketed units and full-width forms do not matter.\n"
    )
    yield "## Common fields\n"
    yield from table(FIELD_HEADS, map(field_row, (*COMMON, *SYSTEM)))
    for layer in layers.ALL:
        yield from layer_section(layer)


def questions_page() -> Iterator[str]:
    yield "# Questions\n"
    yield (
        "A question is a collection: `/ogc/collections/{question}/items?parameter=value`, `flask export {question}`. It gives one row a feature "
        "of its subject layer, with that layer's fields and those of the last table; rows that answer `yes`, unless `answer=` says otherwise.\n"
    )
    yield (
        "A default of *profile* is the figure of that name in the profile of rules (`YUANTU_PROFILE`), one of *vehicle* that of the vehicle chosen. "
        "`shape=` gives the rows in another geometry of the answer than the feature's own, in every format; `bbox`, `within` and `filter` still look "
        "at the feature's own.\n"
    )
    for group in dict.fromkeys(question.group for question in questions.ALL):
        yield f"## {both(group)}\n"
        for question in questions.ALL:
            if question.group == group:
                yield from question_section(question)
    yield "## Fields of every answer\n"
    yield from table(FIELD_HEADS[:5], (field_row(f)[:5] for f in ANSWER_FIELDS))


def question_section(question: Question) -> Iterator[str]:
    yield f"### `{question.id}`: {both(question.title)}\n"
    yield both(question.help) + "\n"
    yield f"Subject: `{question.subject}`; reads {code(question.reads)}.\n"
    if question.parameters:
        yield from table(("parameter", "label", "type", "default", "unit", "values", "meaning"), map(parameter_row, question.parameters))
    if question.shapes:
        yield from table(("`shape=`", "label", "geometry"), ((f"`{s.id}`", both(s.label), s.geometry) for s in question.shapes))
    if question.extra_fields:
        yield "Fields of its own:\n"
        yield from table(FIELD_HEADS[:5], (field_row(f)[:5] for f in question.extra_fields))


def rules_page() -> Iterator[str]:
    yield "# Rules\n"
    yield (
        "What the default profile (`data/profiles/cn_gb.toml`) says; other profiles change limits and leave rules out. `/rules?profile=…` is the same book as "
        'a page to print. Severity is the service\'s own order, not the legal classes 重大 and 一般; findings say "below the design value", never that a '
        "law is broken.\n"
    )
    for heading, found in families(shipped()[FIRST]):
        yield f"## {both(heading)}\n"
        for entry in found:
            yield from rule_section(entry)
    yield "## Rules that are not carried\n"
    yield from table(("rule", "why"), ((id, both(reason)) for id, reason in NOT_CARRIED))


def rule_section(entry: Entry) -> Iterator[str]:
    rule, said = entry.rule, entry.text
    yield f"### {rule.id}: {both(rule.title)}\n"
    yield f"{both(said.statement)} ({said.term})\n"
    if said.condition:
        yield f"Only if: {both(said.condition)}\n"
    bands = "; ".join(f"below {below} {rule.unit.en if rule.unit else ''}: {severity}" for below, severity in entry.bands)
    severity = f"{said.severity} ({bands})" if bands else said.severity
    facts = (
        ("severity", severity), ("works", both(word("works", said.works))), ("citation", both(said.cite)), ("how sure", both(word("sure", said.sure))),
        ("verified on", said.verified_on or both(NOT_VERIFIED)), ("judges", f"`{rule.subject}`"), ("reads", code(rule.reads)),
    )  # fmt: skip
    yield from table(("", ""), facts)
    if entry.limits:
        rows = (
            (f"`{name}`", both(f.label), both(measured(f)), both(f.cite), f.sure)
            for name, f in zip(rule.figures, entry.limits, strict=True)
        )
        yield from table(("limit", "label", "value", "citation", "sure"), rows)


def default_of(parameter: Parameter) -> str:
    if parameter.default is not None:
        return f"`{written(parameter.default)}`"
    of_vehicle, dot, attribute = (parameter.figure or "").partition(".")
    return f"*{of_vehicle}* `{attribute}`" if dot else f"*profile* `{parameter.figure}`" if parameter.figure else ""


def parameter_row(parameter: Parameter) -> tuple[object, ...]:
    values = "; ".join(f"`{c.value}` {both(c.label)}" for c in parameter.choices) or {"boolean": "`true`, `false`"}.get(parameter.type, "")
    limits = [
        f"above {parameter.above:g}" if parameter.above is not None else "",
        f"up to {parameter.maximum:g}" if parameter.maximum is not None else "",
    ]
    allowed = values or " ".join(filter(None, limits))
    return (
        f"`{parameter.name}`",
        both(parameter.label),
        parameter.type,
        default_of(parameter),
        both(parameter.unit),
        allowed,
        both(parameter.help),
    )


def written(value: Any) -> str:
    """A value as it stands in an address."""
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def settings_page() -> Iterator[str]:
    yield "# Settings\n"
    yield "Environment variables, or names in `create_app(config)`. A name that is not in this list is refused, so a misspelling is noticed at the start.\n"
    rows = ((f"`{s.name}`", f"`{s.default}`" if s.default else "", both(s.unit), both(s.help)) for s in SETTINGS)
    yield from table(("name", "default", "unit", "meaning"), rows)
    yield "`PORT` (8000) chooses the port of `make serve` and `python app.py`.\n"


def subclasses(base: type[YuantuError], depth: int = 0) -> Iterator[tuple[type[YuantuError], int]]:
    for child in sorted(base.__subclasses__(), key=lambda c: (c.status, c.code)):
        if child.__module__ == errors.__name__:
            yield child, depth
            yield from subclasses(child, depth + 1)


def errors_page() -> Iterator[str]:
    yield "# Errors\n"
    yield (
        "An error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`, `detail` (a sentence with the way out, in the asked "
        "language) and facts for a program. On the command line the same sentence stands on stderr; exit 2 means refused, nothing changed.\n"
    )
    rows = [
        (f"{'· ' * depth}`{e.code}`", e.status, inspect.getdoc(e) if e.__doc__ and "__doc__" in vars(e) else "")
        for e, depth in subclasses(YuantuError)
    ]
    yield from table(("code", "HTTP status", ""), rows)
    yield "## Reasons in the account of an import\n"
    yield "Why a record was quarantined, or what was mended, dropped or read with care in a record that was taken.\n"
    yield from table(("reason", "meaning"), ((f"`{name}`", both(text)) for name, text in sorted(REASONS.items())))


def commands_page(app: Flask) -> Iterator[str]:
    yield "# Commands\n"
    yield (
        "`.venv/bin/flask COMMAND` from the checkout. Data goes to stdout, messages and progress to stderr. Exit codes: 0 done · 2 refused, "
        "nothing changed · 3 done, some records left out · 4 a check failed · 1 only ever a defect of ours.\n"
    )
    for name, command in walk(app.cli.commands):
        yield f"## `flask {name}`\n"
        yield inspect.cleandoc(command.help or "").replace("\b\n", "") + "\n"
        yield from table(("argument or option", "default", "meaning"), (option_row(p) for p in command.params if p.name != "help"))


def walk(commands: Mapping[str, click.Command], prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(commands.items()):
        if isinstance(command, click.Group):
            yield from walk(command.commands, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def option_row(parameter: click.Parameter) -> tuple[object, ...]:
    kind = (
        "\\|".join(map(str, parameter.type.choices))
        if isinstance(parameter.type, click.Choice)
        else parameter.make_metavar(click.Context(click.Command("")))
    )
    kind = kind.replace("\\|", " or ")
    flag = getattr(parameter, "is_flag", False)
    said = f"`{kind}`" if isinstance(parameter, click.Argument) else code(parameter.opts) + ("" if flag else f" {kind}")
    default = parameter.default
    shown = f"`{default}`" if isinstance(default, str | int | float) and not isinstance(default, bool) and default != "" else ""
    return said, shown, getattr(parameter, "help", None) or ""


def http_page(app: Flask) -> Iterator[str]:
    yield "# HTTP paths\n"
    yield "GET needs no token. The other methods need the page's token in `X-CSRF-Token` and an `Origin` of this host; edits need `If-Match`.\n"
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    rows = ((", ".join(sorted(r.methods - {"HEAD", "OPTIONS"})), f"`{path(r.rule)}`", summary(app, r.endpoint)) for r in rules if r.methods)
    yield from table(("method", "path", "gives"), rows)


def path(rule: str) -> str:
    """`/imports/<int:id>` as `/imports/{id}`."""
    parts = (part.partition(">") for part in rule.split("<"))
    first, *rest = ("".join((f"{{{name.rpartition(':')[2]}}}", tail)) if sign else name for name, sign, tail in parts)
    return first + "".join(rest)


def summary(app: Flask, endpoint: str) -> str:
    if endpoint == "static":
        return "The service's own scripts, styles and the browser's libraries."
    return (inspect.getdoc(app.view_functions[endpoint]) or "").partition("\n\n")[0]


def pages() -> dict[str, str]:
    """File name → text of every reference page."""
    from app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app: Any = create_app({"YUANTU_STORE": str(Path(folder) / "store.gpkg")})
        made = {
            "layers.md": layers_page(),
            "questions.md": questions_page(),
            "rules.md": rules_page(),
            "settings.md": settings_page(),
            "errors.md": errors_page(),
            "commands.md": commands_page(app),
            "http.md": http_page(app),
        }
        return {name: "\n".join((WRITTEN, "", *lines)).rstrip() + "\n" for name, lines in made.items()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"docs/reference/{name}")
    for name, draw in PICTURES.items():
        (MEASURES / f"{name}.svg").write_text(draw().text(), "utf-8")
        print(f"docs/measures/{name}.svg")


if __name__ == "__main__":
    main()
