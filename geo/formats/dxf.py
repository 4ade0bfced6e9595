"""A DXF drawing as datasets: one for each CAD layer and kind of geometry, blocks written out, every entity accounted for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo import crs
from geo.errors import Text, UnreadableFile
from geo.formats import dxf_file, dxf_own
from geo.formats.contract import ReadRequest
from geo.formats.dataset import ROWS, Dataset, Raw, Survey, area_of
from geo.formats.dxf_blocks import NOT_DRAWN, Expander
from geo.formats.dxf_shapes import Coordinates, Piece
from geo.formats.limits import Limits
from geo.formats.problems import problem

DRIVER = "DXF"
KINDS = ("areas", "lines", "points", "blocks", "texts", "others")

MOST_DATASETS = 90
"""CAD layers and kinds with the most pieces that stay datasets of their own; the rest goes together by kind."""
REST = "*"
"""Stands for the CAD layer in the name of such a dataset: no layer of a drawing can be called so."""

OWN_CRS = "YUANTU_CRS"
"""The property of a drawing in which our own exports say their CRS."""

_MOST_ATTRIBUTES = 100
"""Columns for attributes of blocks in one dataset; what is rarer stands together in one column."""
_OTHER_ATTRIBUTES = "cad_attributes"
_CODE = "code"
"""The column of what our own export wrote."""

_AUTHORITY = re.compile(r"EPSG:\d{4,6}\Z")
_LISTED = 8


@dataclass(slots=True)
class _Group:
    """The pieces of one dataset; `tags`: attributes → how many pieces have them."""

    layer: str
    kind: str
    pieces: list[Piece] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)

    def take(self, piece: Piece) -> None:
        self.pieces.append(piece)
        if said := piece.values.get("attributes"):
            self.tags.update(said.keys())


def datasets(path: Path, name: str, request: ReadRequest, limits: Limits) -> list[Dataset]:
    """Raises the Refused tree."""
    drawing = dxf_file.load(path, request.encoding)
    space = drawing.doc.modelspace()
    source, matrix, said = _declared(drawing.doc, space)
    unit = None if matrix is not None or source is not None else drawing.unit_m
    expander = Expander(drawing.doc, drawing.unit_m, limits.features)
    groups: dict[tuple[str, str], _Group] = {}
    joiner = dxf_own.Joiner()
    for piece in joiner.pieces(expander.pieces([*drawing.plain, *(e for e in space if e.dxftype() not in NOT_DRAWN)])):
        group = groups.get((piece.layer, piece.kind))
        if group is None:
            group = groups[(piece.layer, piece.kind)] = _Group(piece.layer, piece.kind)
        group.take(piece)
    if not groups:
        raise UnreadableFile(
            Text(
                "图纸的模型空间里没有可以读取的图形" + (f"（有 {_listed(expander.ignored)}）" if expander.ignored else ""),
                "the model space of the drawing holds nothing that can be read"
                + (f" (it holds {_listed(expander.ignored)})" if expander.ignored else ""),
            )
        )
    kept = _kept(list(groups.values()))
    if matrix is not None:
        _transform(kept, matrix)
    out = [_dataset(group, drawing, source, unit) for group in kept]
    notes = [*said, *joiner.notes(), *_notes(drawing, expander)]
    if source is None:
        notes += _metres(out, drawing.unit_m, request)
    for note in notes:
        out[0].note(note)
    return out


def _kept(groups: list[_Group]) -> list[_Group]:
    """In the order of layers and kinds; beyond `MOST_DATASETS` the smaller ones together."""
    groups.sort(key=lambda g: -len(g.pieces))
    rest: dict[str, _Group] = {}
    for group in groups[MOST_DATASETS:]:
        for piece in group.pieces:
            rest.setdefault(group.kind, _Group(REST, group.kind)).take(piece)
    return sorted([*groups[:MOST_DATASETS], *rest.values()], key=lambda g: (g.layer == REST, g.layer, KINDS.index(g.kind)))


# --- where it lies


def _declared(doc: Any, space: Any) -> tuple[crs.Source | None, Any, list[Text]]:
    """What the drawing says of its place: the CRS of its GEODATA with the matrix into it, or the one that our own exports write down."""
    from ezdxf.lldxf.const import InvalidGeoDataException

    own = doc.header.custom_vars.get(OWN_CRS, "")
    if _AUTHORITY.match(own):
        return crs.declared(own), None, []
    try:
        geodata = space.get_geodata()
        if geodata is None:
            return None, None, []
        matrix, epsg = geodata.get_crs_transformation()
    except (InvalidGeoDataException, ArithmeticError, ValueError, TypeError, KeyError, AttributeError):
        unread = Text(
            "图纸带有地理位置（GEODATA），但无法读出坐标系，未采用",
            "the drawing carries a GEODATA place whose system cannot be read: not used",
        )
        return None, None, [unread]
    source = crs.declared(f"EPSG:{epsg}")
    return source, (np.array(list(matrix), dtype=np.float64).reshape(4, 4) if source else None), []


def _transform(groups: Sequence[_Group], matrix: Any) -> None:
    for group in groups:
        for piece in group.pieces:
            piece.rings = [ring @ matrix[:3, :3] + matrix[3, :3] for ring in piece.rings]


def _metres(found: list[Dataset], unit_m: float | None, request: ReadRequest) -> list[Text]:
    """Coordinates that fit a CRS as they stand are metres, whatever the unit says; those that fit times the unit are brought to metres here."""
    seen = Survey()
    for dataset in found:
        seen.boxes += [shapely.bounds(raw.geometry) for raw in dataset.chunks() if raw.geometry is not None]
    bounds = seen.bounds
    if bounds is None or request.placement is not None:
        return []
    if any(g.source.definition and not crs.is_geographic(g.source.definition) and g.fits for g in crs.candidates(bounds, area_of(request))):
        if unit_m in (None, 1.0):
            return []
        for dataset in found:
            dataset.unit_m = 1.0
        return [
            Text(
                f"图纸单位写的是 {unit_m:g} 米，但坐标按米正好落在已知坐标系里：按米读取",
                f"the drawing says its unit is {unit_m:g} m, but its numbers fit a known system as metres: read as metres",
            )
        ]
    scaled = None if unit_m in (None, 1.0) else tuple(v * unit_m for v in bounds)
    if scaled is None or not any(g.fits for g in crs.candidates(scaled, area_of(request))):  # type: ignore[arg-type]
        return []
    for dataset in found:
        _rescale(dataset, unit_m or 1.0)
    return [
        Text(f"坐标按图纸单位（{unit_m:g} 米）换算成米", f"the coordinates were brought to metres by the drawing's unit ({unit_m:g} m)")
    ]


def _rescale(dataset: Dataset, unit_m: float) -> None:
    plain = dataset.chunks

    def chunks() -> Iterator[Raw]:
        for raw in plain():
            yield replace(raw, geometry=np.asarray(shapely.transform(raw.geometry, lambda xy: xy * unit_m)))

    dataset.chunks, dataset.unit_m = chunks, 1.0


# --- what is said


def _notes(drawing: dxf_file.Drawing, expander: Expander) -> Iterator[Text]:
    if drawing.mended:
        yield Text("DXF 结构有错，已按可读部分恢复", "the DXF was malformed: read as far as it could be restored")
    if drawing.unit_m is None:
        yield Text("图纸没有说明单位（$INSUNITS）", "the drawing does not say its unit ($INSUNITS)")
    if expander.references:
        yield Text(
            f"{expander.references} 个图块引用已展开成 {expander.from_blocks} 个图元，插入点另列",
            f"{expander.references} block references were written out as {expander.from_blocks} pieces; their insertion points are listed too",
        )
    if expander.external:
        names = "、".join(sorted(expander.external)[:_LISTED])
        yield Text(
            f"外部参照或缺失的图块没有读取：{names}；请在 CAD 中绑定（XREF 绑定）后再导出",
            f"external or missing blocks were not read: {names}; bind them in the CAD program (XREF bind) and export again",
        )
    if expander.ignored:
        proxy = "；天正等自定义对象请先导出为 T3 或分解" if "ACAD_PROXY_ENTITY" in expander.ignored else ""
        explode = "; explode custom (proxy) objects first" if proxy else ""
        yield Text(
            f"没有读取的图元：{_listed(expander.ignored)}{proxy}", f"entities that were not read: {_listed(expander.ignored)}{explode}"
        )
    hidden = sorted(layer.dxf.name for layer in drawing.doc.layers if layer.is_off() or layer.is_frozen())
    if hidden:
        more = "" if len(hidden) <= _LISTED else " …"
        listed = "、".join(hidden[:_LISTED]) + more
        yield Text(f"关闭或冻结的图层也读取了：{listed}", f"layers that are off or frozen were read too: {listed}")
    papers = sum(len(layout) for layout in drawing.doc.layouts if layout.name.lower() != "model")
    paper = (
        sum(e.dxftype() != "VIEWPORT" for layout in drawing.doc.layouts if layout.name.lower() != "model" for e in layout) if papers else 0
    )
    if paper:
        yield Text(f"图纸空间（布局）里的 {paper} 个图元没有读取", f"{paper} entities in paper space (layouts) were not read")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.most_common(_LISTED)) + (" …" if len(counts) > _LISTED else "")


# --- one dataset


def _dataset(group: _Group, drawing: dxf_file.Drawing, source: crs.Source | None, unit: float | None) -> Dataset:
    columns = _columns(group)
    made: list[Raw] = []

    def chunks() -> Iterator[Raw]:
        made.extend(() if made else _chunks(group, columns))
        group.pieces.clear()
        yield from made

    return Dataset(
        f"{group.layer}/{group.kind}".encode("utf-8", "replace").decode(), DRIVER, columns, len(group.pieces), chunks,
        source=source, encoding=drawing.encoding, encodings=drawing.encodings, drawing=True, unit_m=unit,
    )  # fmt: skip


def _columns(group: _Group) -> list[str]:
    out = ["cad_layer", "cad_entity", "cad_handle"]
    if any(p.own and p.own.code for p in group.pieces):
        out.append(_CODE)
    if any("cad_block" in p.values for p in group.pieces):
        out.append("cad_block")
    if group.kind == "texts":
        out += ["text", "cad_height", "cad_turn"]
    if group.kind == "blocks":
        out.append("cad_turn")
    if any(_height(p) for p in group.pieces):
        out.append("cad_elevation")
    tags = [tag for tag, _ in group.tags.most_common() if tag and tag not in out]
    return [*out, *tags[:_MOST_ATTRIBUTES], *([_OTHER_ATTRIBUTES] if len(tags) > _MOST_ATTRIBUTES else [])]


def _height(piece: Piece) -> float | None:
    """The one height of a piece; None for none, 0, or several."""
    level = float(piece.rings[0][0, 2]) if piece.rings and len(piece.rings[0]) else 0.0
    if level == 0 or not np.isfinite(level) or any((ring[:, 2] != level).any() for ring in piece.rings):
        return None
    return round(level, 4)


def _chunks(group: _Group, columns: Sequence[str]) -> Iterator[Raw]:
    for start in range(0, len(group.pieces), ROWS):
        some = group.pieces[start : start + ROWS]
        raw = Raw([[_value(p, c, columns) for p in some] for c in columns], np.empty(len(some), dtype=object), len(some))
        with np.errstate(invalid="ignore"):
            for i, piece in enumerate(some):
                _place(raw, i, piece)
            if group.kind == "areas":
                raw.geometry = np.asarray(shapely.normalize(raw.geometry))
        for column in raw.values:
            for i, value in enumerate(column):
                if isinstance(value, str) and not _clean(value):
                    column[i] = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # type: ignore[index]
                    raw.problems.setdefault(i, problem("undecodable-text"))
        yield raw


def _clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _value(piece: Piece, column: str, columns: Sequence[str]) -> Any:
    if column == "cad_layer":
        return piece.layer
    if column == "cad_entity":
        return piece.entity
    if column == "cad_handle":
        return piece.handle
    if column == "cad_elevation":
        return _height(piece)
    if column == _CODE and piece.own is not None:
        return piece.own.code or None
    said = piece.values.get("attributes", {})
    if column == _OTHER_ATTRIBUTES:
        return "; ".join(f"{tag}={text}" for tag, text in said.items() if tag not in columns) or None
    return piece.values[column] if column in piece.values else said.get(column)


def _place(raw: Raw, i: int, piece: Piece) -> None:
    """The geometry of a piece; what cannot be one says why and keeps what there is of it."""
    assert raw.geometry is not None, "a drawing has places"
    flat = [ring[:, :2] for ring in piece.rings]
    if piece.kind == "others":
        damaged = piece.values.get("damaged")
        raw.problems[i] = problem("damaged-record" if damaged else "geometry-type", piece.entity, piece.entity)
        raw.geometry[i] = shapely.multipoints(flat[0]) if flat and len(flat[0]) else None
    elif piece.holes and all(piece.holes):
        raw.problems[i] = problem("damaged-record", "只有内环，没有外环", "it has an inner ring and no outline")
        raw.geometry[i] = shapely.multilinestrings(np.array([_line(ring) for ring in flat], dtype=object))
    elif len(flat) > 1 and piece.kind == "lines":
        raw.geometry[i] = shapely.multilinestrings(np.array([_line(ring) for ring in flat], dtype=object))
    elif piece.kind in ("points", "blocks", "texts"):
        raw.geometry[i] = shapely.points(flat[0][0])
    elif piece.kind == "lines":
        raw.geometry[i] = _line(flat[0])
    else:
        raw.geometry[i] = _area(flat, piece.holes)
        if piece.closed:
            raw.repairs.setdefault(i, []).append("ring-closed")


def _line(points: Coordinates) -> Any:
    return shapely.linestrings(points if len(points) > 1 else np.repeat(points, 2, axis=0))


def _area(rings: Sequence[Coordinates], holes: Sequence[bool] = ()) -> Any:
    """One ring, or outline and holes by the even-odd rule (a hatch does not say which is which), in normal form: an outline and its hatch are equal."""
    broken = next((r for r in rings if not np.isfinite(r).all()), None)
    if broken is not None:
        return shapely.linestrings(broken)
    if len(rings) == 1:
        return shapely.polygons(rings[0])
    if holes:
        return dxf_own.area(rings, holes)
    whole: Any = shapely.build_area(shapely.multilinestrings(np.array([shapely.linestrings(r) for r in rings], dtype=object)))
    return shapely.polygons(rings[0]) if whole is None or whole.is_empty else whole
