"""Which amenities are sheds for e-bikes, from their kind and charging ports on record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, View
from geo.rules.judging import CANNOT, one_of

NOT_A_SHED = Text("不是电动自行车停放充电设施", "not a place where e-bikes are parked or charged")
NO_KIND = Text(
    f"没有登记设施类型，是不是电动自行车停放充电设施{CANNOT.zh}", f"its kind is not on record: whether e-bikes are kept there {CANNOT.en}"
)
UNCONCERNED = Text("没有登记设施类型，无论是不是车棚都不涉及", "its kind is not on record, and this does not concern it whatever it is")
NO_PORTS = Text(
    "非机动车棚，没有登记充电端口，不按充电棚查", "a bicycle shed without charging ports on record, not taken as a charging shed"
)

SHED_REACH_M = 10.0
"""How far a shed that is drawn as a point may reach from it. The project's own default."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheds:
    """A flag an amenity: `charging`: e-bikes are charged there; `parked`: they are parked there, charged or not; `perhaps`: its kind is not on record."""

    charging: Flags
    parked: Flags
    perhaps: Flags

    @classmethod
    def of(cls, view: View) -> Sheds:
        frame = view.frame("amenities")
        charging, bikes = one_of(texts(frame, "kind"), ("ebike_charging",)), one_of(texts(frame, "kind"), ("bike_shed",))
        with np.errstate(invalid="ignore"):
            ports = numbers(frame, "ports_n") > 0
        unsaid = np.fromiter((not isinstance(k, str) or k == "unknown" for k in texts(frame, "kind")), dtype=bool, count=len(frame))
        return cls(charging | (bikes & ports), charging | bikes, unsaid)

    def why_not(self, row: int) -> Text:
        if self.perhaps[row]:
            return UNCONCERNED
        return NO_PORTS if self.parked[row] else NOT_A_SHED
