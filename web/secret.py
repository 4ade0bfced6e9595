"""The key that signs cookies: set, or made once and kept beside the store for its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from web.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    if app.config.get("SECRET_KEY"):
        return
    if settings.secret:
        app.config["SECRET_KEY"] = settings.secret
        return
    app.session_interface = _KeyWhenNeeded(settings.instance / "secret.key")


class _KeyWhenNeeded(SecureCookieSessionInterface):
    """Reads the key at the first request, so that commands that need none touch no file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_signing_serializer(self, app: Flask) -> object:  # type: ignore[override]
        if not app.secret_key:
            app.secret_key = kept_key(self._path)
        return super().get_signing_serializer(app)


def kept_key(path: Path) -> str:
    """The key in the file, made when there is none; several processes that start at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        except OSError:  # no hard links here
            os.replace(fresh, path)
        fresh.unlink(missing_ok=True)
    return path.read_text("ascii").strip()
