"""What an output shall be: its format, CRS, headings and language as one checked value."""

from __future__ import annotations

from dataclasses import dataclass

from geo import crs as crs_
from geo.crs import STORAGE
from geo.errors import BadValue, Text, nearest
from geo.exports.declared import FORMATS, HEADINGS, Format, Headings


@dataclass(frozen=True, slots=True)
class Output:
    """A format with what is chosen about it; made by `of`, which refuses what the format cannot do."""

    form: Format
    crs: str = STORAGE
    headings: Headings = "names"
    lang: str = "zh"

    @property
    def labelled(self) -> bool:
        return self.headings == "labels"

    @classmethod
    def of(
        cls, form: Format, *, crs: str | None = None, metric_crs: str | None = None, headings: str | None = None, lang: str = "zh"
    ) -> Output:
        """`crs` None: WGS 84, and for a drawing `metric_crs`, the one the store measures in. Raises BadValue."""
        if crs is None and form.projected:
            crs = metric_crs
        if crs is None and form.projected:
            raise BadValue(
                Text(f"{form.id} 要平面坐标，而库里还没有上图的要素：请说明坐标系，如 EPSG:4547",
                     f"{form.id} takes plane coordinates, and nothing is placed yet: name a CRS such as EPSG:4547"),
                parameter="crs",
            )  # fmt: skip
        chosen = crs or STORAGE
        _check_crs(form, chosen)
        return cls(form, chosen, _headings(form, headings), lang)


def _check_crs(form: Format, crs: str) -> None:
    if crs != STORAGE and not form.any_crs:
        able = ", ".join(f.id for f in FORMATS if f.any_crs)
        raise BadValue(
            Text(
                f"{form.id} 只用 WGS 84；要 {crs} 请用：{able}，或 f=json", f"{form.id} is WGS 84 only; for {crs} take: {able}, or f=json"
            ),
            parameter="crs",
        )
    if form.projected and crs_.is_geographic(crs):
        raise BadValue(
            Text(f"{form.id} 要平面坐标，{crs} 是经纬度：请用投影坐标系，如 EPSG:4547",
                 f"{form.id} takes plane coordinates, {crs} is longitude and latitude: name a projected CRS such as EPSG:4547"),
            parameter="crs",
        )  # fmt: skip


def _headings(form: Format, asked: str | None) -> Headings:
    for known in HEADINGS:
        if asked == known and known not in form.headings:
            raise BadValue(
                Text(f"{form.id} 的字段名只能是字母；中文名在包内的 about/fields.csv", f"{form.id} has field names of letters only; the labels are in its about/fields.csv"),
                parameter="headings",
            )  # fmt: skip
        if asked == known:
            return known
    if asked is None:
        return form.headings[0]
    listed = ", ".join(HEADINGS)
    raise BadValue(
        Text(f"headings 没有“{asked[:40]}”：可用 {listed}", f"headings cannot be '{asked[:40]}': there are {listed}"),
        parameter="headings",
        nearest=nearest(asked, HEADINGS),
    )
