"""The engine that a question is asked for: its parameter, and what the profile says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.errors import Text
from geo.profile import Vehicle
from geo.questions.declaration import Parameter, View
from geo.schema import Choice

VEHICLE = Parameter(
    "vehicle", "choice", "pumper", Text("车型", "Vehicle"),
    choices=(
        Choice("mini_pumper", Text("小型水罐车", "small pumper")),
        Choice("pumper", Text("水罐消防车", "pumper")),
        Choice("heavy_pumper", Text("重型水罐车", "heavy pumper")),
        Choice("aerial", Text("登高平台车、云梯车", "aerial appliance")),
    ),
    help=Text("车宽、车高和转弯半径按规则文件", "its width, height and turning radius are those of the profile"),
)  # fmt: skip


def vehicle_of(view: View, parameters: Mapping[str, Any]) -> Vehicle:
    return view.profile.vehicles[parameters["vehicle"]]
