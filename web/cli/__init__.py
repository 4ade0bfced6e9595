"""The commands of `flask`: data on stdout, messages and progress on stderr, exit codes that scripts can rely on."""

from __future__ import annotations

import click
from flask import Flask

from web.cli.catalogue import layers_, questions_
from web.cli.check import check
from web.cli.exports import export
from web.cli.gaps import gaps_
from web.cli.imports import import_
from web.cli.store import backup, demo_, doctor_, restore

COMMANDS: tuple[click.Command, ...] = (import_, export, check, gaps_, demo_, layers_, questions_, doctor_, backup, restore)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
