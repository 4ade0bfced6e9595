"""The application: settings, store, routes and commands put together. `python app.py` serves it on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from flask import Flask

import web
from web.services import Services
from web.settings import SettingRefused, load


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The Flask application. `config`: YUANTU_* settings (they win over the environment) and Flask's own. Raises SettingRefused."""
    given = dict(config or {})
    settings = load(given, os.environ)
    app = Flask(__name__, template_folder="web/templates", instance_path=str(settings.instance))
    app.config.update(
        MAX_CONTENT_LENGTH=(settings.upload_mb << 20) + (1 << 20),
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=50,
        SESSION_COOKIE_NAME="yuantu",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
    )
    app.config.update({name: value for name, value in given.items() if not name.startswith("YUANTU_")})
    app.extensions["yuantu"] = Services(settings)
    web.register(app, settings)
    return app


def serve() -> None:
    """Open the store, put the demo district into an empty one, and serve on loopback until stopped."""
    from web import assets
    from web.serving import port_of, run

    assets.ensure()
    try:
        port = port_of(os.environ)
        app = create_app()
    except SettingRefused as error:
        print(error.format_message(), file=sys.stderr)
        sys.exit(error.exit_code)
    run(app, port)


if __name__ == "__main__":
    serve()
