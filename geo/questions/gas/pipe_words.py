"""What is said of a new gas pipe's cost, and of why there is none."""

from __future__ import annotations

import math

from geo.errors import Text
from geo.gas import connections as pipes
from geo.gas.attach import FAR_M
from geo.profile import Price

NO_WAY = {
    pipes.FAR: Text(
        f"院落边线外 {FAR_M:g} 米内没有可直线到达的街巷（没有街巷，或被建筑挡住）",
        f"no street or lane within {FAR_M:g} m of the outline that a straight pipe reaches: there is none, or buildings stand in the way",
    ),
    pipes.APART: Text(
        "院落所临的街巷通不到 {reach:g} 米内有可接干管的街巷（路网不相连，干管太远，或被建筑挡住）",
        "the streets and lanes at the compound lead to none that has a main within {reach:g} m: not joined, too far, or buildings in the way",
    ),
    pipes.NO_NETWORK: Text("没有已上图的道路和通道，无从算起", "no road or lane is on record and placed: nothing to lay a pipe along"),
    pipes.TOO_MUCH: Text(
        "街巷、管线、院落或楼栋画得过密（如大量重叠、顶点极多），最短新管未能算出；请检查重复要素",
        "streets, mains, compounds or buildings are drawn too densely (many on top of each other, or with very many vertices) to find the shortest pipe: "
        "please look for duplicates",
    ),
}
"""By reason; `reach`: how far a main may lie off the street."""


def metres(length: float) -> str:
    return f"{abs(round(float(length), 2)):g}"


def cost(length: float, households: float, price: Price) -> list[Text]:
    """The cost of a pipe to three figures, with the unit price, its source and date; the households that it serves where they are known."""
    if not length > 0:
        return []
    low, high = (f"{float(f'{length * p:.3g}'):,.0f}" for p in (price.low, price.high))
    unit = f"{price.low:g}–{price.high:g}"
    said = [
        Text(
            f"约 {low}–{high} 元（每米 {unit} 元，{price.source.zh}，{price.date}）",
            f"about {low}–{high} yuan ({unit} yuan a metre: {price.source.en}, {price.date})",
        )
    ]
    if not math.isnan(households):
        count, each = f"{households:.0f}", f"{households / length:.2f}"
        said.append(Text(f"{count} 户未通气，每米 {each} 户", f"{count} households to connect, {each} a metre"))
    return said
