"""Which hydrants a rule is about, from their kind and form on record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import Flags, View
from geo.questions.reach.hydrants import POND
from geo.rules.judging import one_of

NO_HYDRANT = Text("是消防水池、水鹤或取水口，不是消火栓", "a pond, tank or suction point, not a hydrant")
ON_WALL = Text("墙壁式消火栓装在外墙上，不按此项", "a wall hydrant, which is mounted on the wall")
NOT_MUNICIPAL = Text("不是市政消火栓，不按此项", "not a municipal hydrant")
KIND_UNKNOWN = Text("没有登记是否市政消火栓", "nobody recorded whether it is a municipal hydrant")


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """A flag a hydrant: `municipal` on record; `perhaps`: its kind is not on record; `pond`: no hydrant; `wall`: mounted on a wall."""

    municipal: Flags
    perhaps: Flags
    pond: Flags
    wall: Flags
    works: Flags
    broken: Flags

    @classmethod
    def of(cls, view: View) -> Kinds:
        frame = view.frame("hydrants")
        kind, form, working = (texts(frame, name) for name in ("kind", "form", "working"))
        pond = one_of(form, (POND,))
        known = one_of(kind, ("municipal", "outdoor", "other"))
        return cls(
            one_of(kind, ("municipal",)) & ~pond, ~known & ~pond, pond, one_of(form, ("wall",)), one_of(working, ("yes",)),
            one_of(working, ("no",)),
        )  # fmt: skip

    @property
    def other(self) -> Flags:
        """Hydrants that are known not to be municipal."""
        return np.asarray(~self.municipal & ~self.perhaps & ~self.pond)
