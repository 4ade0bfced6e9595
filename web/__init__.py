"""The edge: the only package that knows Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from web.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Guards, routes, pages and commands of the application."""
    from web import api, cli, edits, gaps, guard, http, items, ogc, overview, pages, problems, rule_book, secret, standalone, uploads

    app.url_map.converters["int"] = http.WholeConverter
    secret.init_app(app, settings)
    guard.init_app(app, settings)
    problems.init_app(app)
    for part in (pages, overview, rule_book, api, gaps, uploads, ogc, items, edits, standalone):
        app.register_blueprint(part.bp)
    app.context_processor(pages.page_values)
    cli.init_app(app)
