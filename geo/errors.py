"""The one error tree: what may go wrong for a user, with code, status and a sentence that names the way out.

YuantuError                     500  broken        only ever a defect of ours
├── Invalid                     400  invalid       a request that cannot be understood
│   ├── UnknownParameter        400  unknown-parameter
│   ├── UnknownField            400  unknown-field
│   ├── UnknownCrs              400  unknown-crs
│   ├── BadValue                400  bad-value
│   ├── BadFilter               400  bad-filter
│   ├── BadBounds               400  bad-bounds
│   ├── BadProfile              400  bad-profile   a rule file that cannot be used
│   └── CrsMismatch             500  crs-mismatch  two CRSs met in one calculation
├── NotAllowed                  403  not-allowed
├── NotFound                    404  not-found
│   ├── LayerNotFound           404  layer-not-found
│   ├── QuestionNotFound        404  question-not-found
│   ├── FeatureNotFound         404  feature-not-found
│   ├── ImportNotFound          404  import-not-found
│   └── DocumentNotFound        404  document-not-found
├── Conflict                    409  conflict      the store is not in the state this needs
│   ├── StaleVersion            412  stale-version
│   ├── VersionRequired         428  version-required
│   ├── KeyReused               422  key-reused
│   └── Stopped                 409  stopped       taken back by the one who asked for it; nothing changed
├── Refused                     422  refused       a file that was not taken; nothing changed
│   ├── UnsupportedFormat       422  unsupported-format
│   ├── UnreadableFile          422  unreadable-file
│   ├── HostileFile             422  hostile-file
│   ├── TooLarge                413  too-large
│   ├── CrsNotDeclared          422  crs-not-declared     carries `candidates`
│   ├── OutsideArea             422  outside-area         carries `candidates`
│   └── NoLayer                 422  no-layer             the file does not say which layer it fills
├── TooMany                     429  too-many
├── StoreBusy                   503  store-busy
├── StoreFull                   507  store-full
└── StoreDamaged                500  store-damaged
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or label in the two languages of the service."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The text in `lang` ("zh" or "en"); anything else is Chinese, the first users' language."""
        return self.en if lang == "en" else self.zh

    def format(self, **values: Any) -> Text:
        """Both languages with the same values put in."""
        return Text(self.zh.format(**values), self.en.format(**values))


class YuantuError(Exception):
    """Base of all errors that a user may see; `members` are extra facts for a program (JSON values only)."""

    code = "broken"
    status = 500

    def __init__(self, text: Text, **members: Any) -> None:
        super().__init__(text.en)
        self.text = text
        self.members = members


class Invalid(YuantuError):
    code, status = "invalid", 400


class UnknownParameter(Invalid):
    code = "unknown-parameter"


class UnknownField(Invalid):
    code = "unknown-field"


class UnknownCrs(Invalid):
    code = "unknown-crs"


class BadValue(Invalid):
    code = "bad-value"


class BadFilter(Invalid):
    code = "bad-filter"


class BadBounds(Invalid):
    code = "bad-bounds"


class BadProfile(Invalid):
    code = "bad-profile"


class CrsMismatch(YuantuError):
    code = "crs-mismatch"


class NotAllowed(YuantuError):
    code, status = "not-allowed", 403


class NotFound(YuantuError):
    code, status = "not-found", 404


class LayerNotFound(NotFound):
    code = "layer-not-found"


class QuestionNotFound(NotFound):
    code = "question-not-found"


class FeatureNotFound(NotFound):
    code = "feature-not-found"


class ImportNotFound(NotFound):
    code = "import-not-found"


class DocumentNotFound(NotFound):
    """A named view, kept area, style or project that is not there, or was taken away."""

    code = "document-not-found"


class Conflict(YuantuError):
    code, status = "conflict", 409


class StaleVersion(Conflict):
    code, status = "stale-version", 412


class VersionRequired(Conflict):
    code, status = "version-required", 428


class KeyReused(Conflict):
    code, status = "key-reused", 422


class Stopped(Conflict):
    code = "stopped"

    def __init__(self) -> None:
        super().__init__(Text("已取消，没有改动数据", "it was taken back: nothing was changed"))


class Refused(YuantuError):
    code, status = "refused", 422


class UnsupportedFormat(Refused):
    code = "unsupported-format"


class UnreadableFile(Refused):
    code = "unreadable-file"


class HostileFile(Refused):
    code = "hostile-file"


class TooLarge(Refused):
    code, status = "too-large", 413


class CrsNotDeclared(Refused):
    code = "crs-not-declared"


class OutsideArea(Refused):
    code = "outside-area"


class NoLayer(Refused):
    code = "no-layer"


class TooMany(YuantuError):
    code, status = "too-many", 429


class StoreBusy(YuantuError):
    code, status = "store-busy", 503


class StoreFull(YuantuError):
    code, status = "store-full", 507


class StoreDamaged(YuantuError):
    code, status = "store-damaged", 500


NEAR_MOST = 300
"""How many names are compared closely."""
_NEAR_LENGTH = 100


def nearest(name: str, names: Iterable[str], *, count: int = 3) -> list[str]:
    """The `names` most like `name`, best first: the way out of a misspelling.

    Of many names only those that share most pairs of characters with it are compared closely: that takes milliseconds each.
    """
    name, listed = name[:_NEAR_LENGTH], list(names)
    if len(listed) > NEAR_MOST:
        pairs = [name[i : i + 2] for i in range(len(name) - 1)] or [name]
        shared = [(-sum(pair in other for pair in pairs), abs(len(other) - len(name)), at) for at, other in enumerate(listed)]
        listed = [listed[at] for _, _, at in heapq.nsmallest(NEAR_MOST, shared)]
    return difflib.get_close_matches(name, listed, n=count, cutoff=0.5)
