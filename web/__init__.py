"""The edge: the only package that knows Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from web.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Guards, routes, pages and commands of the application."""
    from web import (
        api,
        areas,
        cards,
        cli,
        edits,
        exporting,
        gaps,
        guard,
        http,
        items,
        ledger,
        ogc,
        overview,
        pages,
        problems,
        projects,
        revisions,
        rule_book,
        scripts,
        secret,
        split,
        standalone,
        statistics,
        styles,
        tiles,
        uploads,
        views,
    )

    app.url_map.converters["int"] = http.WholeConverter
    secret.init_app(app, settings)
    guard.init_app(app, settings)
    problems.init_app(app)
    scripts.init_app(app)
    parts = (
        pages,
        overview,
        rule_book,
        cards,
        projects,
        api,
        statistics,
        styles,
        views,
        areas,
        exporting,
        ledger,
        gaps,
        uploads,
        ogc,
        items,
        tiles,
        edits,
        split,
        revisions,
        standalone,
    )
    for part in parts:
        app.register_blueprint(part.bp)
    app.context_processor(pages.page_values)
    cli.init_app(app)
