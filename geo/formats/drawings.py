"""Datasets in coordinates of their own: what the doctor shows of a drawing, which readings make sense, how a placement moves it onto the map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.errors import BadValue, CrsNotDeclared, Text, nearest
from geo.formats.contract import Candidate, Local, Placement, ReadRequest
from geo.formats.dataset import SAMPLE_GEOMETRIES, Dataset, Placer, Raw, Survey, area_of, candidates
from geo.geometry import Geometries

_DEGREES = 2.0
"""A drawing wider than this many units is not in longitude and latitude."""

_CORNERS = 4_000
"""Of the sample of one dataset: a drawing has many."""

_TOLD = ("text", "cad_height", "cad_turn")
"""Columns that go with a sample geometry, as `text`, `height`, `turn`."""


def local(dataset: Dataset, found: Survey) -> Local | None:
    """What a person needs to place a dataset by hand; None for one without positions."""
    boxes = found.placed if not dataset.drawing else _boxes(found)
    if not len(boxes):
        return None
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return Local(dataset.unit_m, (float(low[0]), float(low[1]), float(high[0]), float(high[1])), list(_sample(dataset)))


def _boxes(found: Survey) -> NDArray[np.float64]:
    """The boxes of all records; in a drawing (0, 0) is a place like any other."""
    boxes = np.concatenate(found.boxes) if found.boxes else np.empty((0, 4))
    return np.asarray(boxes[np.isfinite(boxes).all(axis=1)], dtype=np.float64)


def _sample(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """The first geometries in drawing units, with what is written where it is a text."""
    at = {name: dataset.columns.index(name) for name in _TOLD if name in dataset.columns}
    left, corners = SAMPLE_GEOMETRIES, _CORNERS
    for raw in dataset.chunks():
        for i, geometry in enumerate(raw.geometry if raw.geometry is not None else ()):
            if geometry is None or geometry.is_empty or not np.isfinite(shapely.bounds(geometry)).all():
                continue
            shown: dict[str, Any] = orjson.loads(shapely.to_geojson(shapely.force_2d(geometry)))
            shown |= {name.removeprefix("cad_"): raw.values[column][i] for name, column in at.items() if "text" in at}
            yield shown
            left, corners = left - 1, corners - int(shapely.get_num_coordinates(geometry))
            if left <= 0 or corners <= 0:
                return


def readings(opened: Sequence[tuple[Dataset, Survey]], request: ReadRequest) -> Iterator[Sequence[Candidate]]:
    """The readings of all drawings of a file together, once for each dataset; only the first carries the samples."""
    found = [(d, seen) for d, seen in opened if d.drawing and d.source is None]
    listed = ways(together([seen for _, seen in found]), request) if found else []
    yield listed
    while True:
        yield [replace(c, sample=()) for c in listed]


def together(surveys: Sequence[Survey]) -> Survey:
    """What several surveys tell of one drawing, a few geometries of each in its sample."""
    out = Survey()
    for seen in surveys:
        out.boxes += seen.boxes
    for at in range(SAMPLE_GEOMETRIES):
        out.geometries += [seen.geometries[at] for seen in surveys if at < len(seen.geometries)]
        if len(out.geometries) >= SAMPLE_GEOMETRIES:
            break
    return out


def ways(found: Survey, request: ReadRequest) -> list[Candidate]:
    """The readings of a drawing that land where they should; plain small numbers are no degrees."""
    bounds = found.bounds
    if bounds is None:
        return []
    wide = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) > _DEGREES
    listed = [c for c in candidates(found, area_of(request), samples=True) if c.fits]
    return [c for c in listed if not (wide and crs.is_geographic(_definition(c.crs)))]


def _definition(name: str) -> str:
    return crs.source(name).definition or crs.STORAGE


def not_placed(dataset: Dataset, listed: Sequence[Candidate]) -> CrsNotDeclared:
    """The refusal of a drawing that nobody placed, with the ways out."""
    zh = f"坐标可能是 {'、'.join(c.crs for c in listed)}（用 --crs 指定）；也可以" if listed else "坐标是图纸自己的（没有合适的坐标系）：请"
    en = f"It may be {', '.join(c.crs for c in listed)} (say --crs); or" if listed else "It has coordinates of its own (no system fits):"
    return CrsNotDeclared(
        Text(
            f"图纸“{dataset.name}”没有说明坐标系。{zh}在页面上点两对同名点，或用 --place 'x,y=经度,纬度' 写两次，或用 --shift、--turn、--scale 放置",
            f"drawing '{dataset.name}' does not say its coordinate system. {en} place it by two pairs of points on the page, by "
            "--place 'x,y=lon,lat' twice, or by --shift, --turn, --scale",
        ),
        dataset=dataset.name,
        candidates=[{**asdict(c), "sample": []} for c in listed],
        local=True,
    )


@dataclass(slots=True)
class Whole:
    """The datasets of a drawing are judged together: a legend at the origin says nothing about the plan."""

    placer: Placer | None = None
    name: str = ""
    surveys: list[Callable[[], Survey]] = field(default_factory=list)

    def add(self, dataset: Dataset, placer: Placer, survey: Callable[[], Survey]) -> None:
        self.surveys.append(survey)
        if self.placer is None:
            self.placer, self.name = placer, dataset.name
            return
        for count in ("placed", "inside", "at_home", "lost"):
            setattr(self.placer, count, getattr(self.placer, count) + getattr(placer, count))

    def check(self, request: ReadRequest) -> None:
        """Raises OutsideArea as for any other dataset."""
        if self.placer is None:
            return
        wanted = self.placer.source.name if self.placer.asked and self.placer.source else None

        def listed() -> list[Candidate]:
            return candidates(together([s() for s in self.surveys]), area_of(request), samples=False, swapped=wanted)

        self.placer.check_home(self.name, listed)
        self.placer.check_area(self.name, listed)


# --- what is asked for


def chosen(found: Sequence[Dataset], request: ReadRequest) -> list[Dataset]:
    """The datasets to read, those without a CRS of their own placed. Raises BadValue for a name that the file does not hold."""
    names = [d.name for d in found]
    for wanted in (*(request.datasets or ()), *request.skip):
        if wanted not in names:
            near = nearest(wanted, names) or names[:20]
            raise BadValue(
                Text(f"文件里没有“{wanted[:60]}”：{'、'.join(near)}", f"the file holds no '{wanted[:60]}': {', '.join(near)}"),
                field="datasets", nearest=near,
            )  # fmt: skip
    left = [d for d in found if (request.datasets is None or d.name in request.datasets) and d.name not in request.skip]
    _keep_notes(found, left)
    return left if request.placement is None else [placed(d, request.placement) for d in left]


def _keep_notes(found: Sequence[Dataset], left: Sequence[Dataset]) -> None:
    """What is said of a whole drawing stands with its first dataset: it goes to the first that is read."""
    heir = next((d for d in left if d.drawing), None)
    if heir is not None:
        heir.notes += [note for d in found if d.drawing and not any(d is one for one in left) for note in d.notes]


def placed(dataset: Dataset, placement: Placement) -> Dataset:
    """The dataset in the coordinates of `placement.crs`; one that has a CRS or no places stays as it is."""
    if not dataset.has_places or dataset.source is not None or dataset.fixed:
        return dataset
    matrix = affine(placement)

    def chunks() -> Iterator[Raw]:
        for raw in dataset.chunks():
            yield raw if raw.geometry is None else replace(raw, geometry=_moved(raw.geometry, matrix))

    return replace(dataset, chunks=chunks, source=crs.source(placement.crs), fixed=True)


def affine(placement: Placement) -> NDArray[np.float64]:
    """(3, 2): what (x, y, 1) is multiplied with from the right."""
    turn = math.radians(placement.turn_deg)
    cos, sin = placement.scale * math.cos(turn), placement.scale * math.sin(turn)
    return np.array([[cos, sin], [-sin, cos], [placement.dx, placement.dy]], dtype=np.float64)


def _moved(geometry: Geometries, matrix: NDArray[np.float64]) -> Geometries:
    flat = shapely.force_2d(geometry)
    return np.asarray(shapely.transform(flat, lambda xy: xy @ matrix[:2] + matrix[2]))
