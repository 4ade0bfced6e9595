"""What a test writes into the server that all share, taken back when it ends, whether it passed or not."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote

MOST = 200  # transactions of one test


class Shared:
    """A server and its store, which is only read here: what is to be undone goes through the service."""

    def __init__(self, base: str, store: Path) -> None:
        self.base, self.store = base, store
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._headers: dict[str, str] = {}

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Its address; afterwards it is as it was."""
        revision, documents = self._written()
        try:
            yield self.base
        finally:
            now = self._written()
            if now[0] != revision:
                self._undo_since(revision)
            if now[1] != documents:
                self._drop_documents()

    def _written(self) -> tuple[int, int]:
        """The last revision, and how many versions of documents there are."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            (found,) = store.execute("SELECT (SELECT max(revision) FROM yuantu_revision), (SELECT count(*) FROM yuantu_document)")
        return found  # type: ignore[no-any-return]

    def _undo_since(self, revision: int) -> None:
        """The newest first: later changes of a feature stand in the way of earlier ones. An older revision that was undone stands again."""
        standing = []
        for one in self._call("GET", f"/api/revisions?limit={MOST}")["revisions"]:
            own, undone = one["revision"], one["undone_by"]
            standing.append(own if undone is None else undone if own <= revision else 0)
        for number in sorted((number for number in standing if number > revision), reverse=True):
            self._call("POST", "/api/undo", {"revision": number})

    def _drop_documents(self) -> None:
        """Views before the areas that they ask within. A new server has none of them."""
        for kind, key in (("views", "name"), ("projects", "id"), ("areas", "name")):
            for one in self._call("GET", f"/api/{kind}")[kind]:
                self._delete(f"/api/{kind}/{quote(one[key])}", one["version"])
        for layer in self._call("GET", "/api/layers")["layers"]:
            for one in [] if layer["derived"] else self._call("GET", f"/api/styles/{layer['id']}")["styles"]:
                self._delete(f"/api/styles/{layer['id']}/{one['id']}", one["version"])

    def _delete(self, path: str, version: int) -> None:
        self._call("DELETE", path, headers={"If-Match": f'"{version}"'})

    def _call(self, method: str, path: str, sent: Any = None, headers: dict[str, str] | None = None) -> Any:
        if method != "GET" and not self._headers:
            token = self._call("GET", "/api/state")["csrf_token"]
            self._headers = {"X-CSRF-Token": token, "Origin": self.base, "Content-Type": "application/json"}
        body = None if sent is None else json.dumps(sent).encode()
        asked = urllib.request.Request(f"{self.base}{path}", body, {**self._headers, **(headers or {})}, method=method)
        with self._opener.open(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
