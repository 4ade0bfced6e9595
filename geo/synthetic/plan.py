"""The town plan: streets on a slightly irregular grid, blocks between them, plots in the blocks, communities over the blocks.

All coordinates are metres in the district's plane. Lines 0..nx run north, 0..ny run east; block (i, j) lies between lines i, i+1 and j, j+1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.synthetic import names, story

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COMPOUNDS_A_COMMUNITY = 37
BLOCKS_A_SIDE = 3
_WALL_GAP_M = 0.4
"""Each plot keeps this off its neighbours, so that compounds never touch."""


@dataclass(frozen=True, slots=True)
class Streets:
    """`nodes[i, j]` is where north line i meets east line j; per line: is it a main road, its carriageway and half the width between red lines."""

    nodes: Floats
    main_x: Bools
    main_y: Bools
    carriage_x: Floats
    carriage_y: Floats
    half_x: Floats
    half_y: Floats
    names_x: list[str]
    names_y: list[str]


@dataclass(frozen=True, slots=True)
class Plots:
    """Plots by column; `quad` (n, 4, 2) is SW, SE, NE, NW. `south` = the front is on the southern street. `column` counts from the west within its row."""

    block: Ints
    quad: Floats
    south: Bools
    column: Ints
    first: Bools
    last: Bools
    community: Ints
    compound: Bools


@dataclass(frozen=True, slots=True)
class Plan:
    """`blocks` (n, 2) are the built blocks' (i, j); `blocks_of[c]` = their positions in it that belong to community c; `office_block` = a position or None."""

    streets: Streets
    blocks: Ints
    blocks_of: list[Ints]
    block_quads: Floats
    plots: Plots
    communities: list[story.Community]
    office_block: int | None

    def built(self) -> Bools:
        """(nx, ny): which blocks of the grid are built."""
        nx, ny = (size - 1 for size in self.streets.nodes.shape[:2])
        grid = np.zeros((nx, ny), bool)
        grid[self.blocks[:, 0], self.blocks[:, 1]] = True
        return grid

    def built_edges(self) -> tuple[Bools, Bools]:
        """Street edges beside a built block: (nx, ny + 1) eastwards and (nx + 1, ny) northwards."""
        grid = self.built()
        east, north = np.pad(grid, ((0, 0), (0, 1))), np.pad(grid, ((0, 1), (0, 0)))
        east[:, 1:] |= grid
        north[1:] |= grid
        return east, north


def make(compounds: int, *, story_told: bool, seed: int) -> Plan:
    """A plan with exactly `compounds` plots for compounds. With `story_told` the communities are those of the default district."""
    rng = np.random.default_rng([seed, 1])
    communities, columns, rows = _communities(compounds, story_told)
    starts_x, starts_y = np.cumsum([0, *columns]), np.cumsum([0, *rows])
    streets = _streets(rng, starts_x, starts_y, story_told)
    blocks, blocks_of = _blocks(communities, starts_x, starts_y)
    quads = _block_quads(streets, blocks)
    office = next(
        (int(blocks_of[c][-1]) for c, known in enumerate(communities) if story_told and known.name == story.OFFICE_COMMUNITY), None
    )
    plots = _plots(rng, communities, blocks_of, quads, office)
    return Plan(streets, blocks, blocks_of, quads, plots, communities, office)


def _communities(compounds: int, story_told: bool) -> tuple[list[story.Community], list[int], list[int]]:
    """Communities with their targets, and the blocks of each column and row of superblocks."""
    if story_told:
        return list(story.COMMUNITIES), list(story.COLUMNS), list(story.ROWS)
    count = max(1, round(compounds / COMPOUNDS_A_COMMUNITY))
    across = max(1, math.ceil(math.sqrt(count * 0.8)))
    share, rest = divmod(compounds, count)
    made = [story.Community(names.community(c), share + (c < rest), (c % across, c // across)) for c in range(count)]
    side = BLOCKS_A_SIDE if share >= 18 else 2 if share >= 6 else 1
    return made, [side] * across, [side] * math.ceil(count / across)


def _streets(rng: np.random.Generator, starts_x: Ints, starts_y: Ints, story_told: bool) -> Streets:
    nx, ny = int(starts_x[-1]), int(starts_y[-1])
    main_x, main_y = np.isin(np.arange(nx + 1), starts_x), np.isin(np.arange(ny + 1), starts_y)
    x = np.concatenate([[0.0], np.cumsum(rng.uniform(236, 300, nx))])
    y = np.concatenate([[0.0], np.cumsum(rng.uniform(176, 220, ny))])
    nodes = np.stack(np.meshgrid(x - x.mean(), y - y.mean(), indexing="ij"), axis=-1)
    nodes = _bent(rng, nodes)
    nodes += rng.uniform(-1, 1, nodes.shape) * np.where(main_x[:, None] & main_y[None, :], 2.0, 5.0)[..., None]
    carriage_x = np.where(main_x, rng.uniform(15, 22, nx + 1), rng.uniform(6.5, 9.0, nx + 1)).round(1)
    carriage_y = np.where(main_y, rng.uniform(15, 24, ny + 1), rng.uniform(6.5, 9.5, ny + 1)).round(1)
    half_x = carriage_x / 2 + np.where(main_x, rng.uniform(5.0, 7.5, nx + 1), rng.uniform(2.5, 4.0, nx + 1))
    half_y = carriage_y / 2 + np.where(main_y, rng.uniform(5.0, 7.5, ny + 1), rng.uniform(2.5, 4.0, ny + 1))
    names_x = _line_names(main_x, names.MAIN_NORTH_SOUTH, names.LOCAL_NORTH_SOUTH, "路", "巷")
    names_y = _line_names(main_y, names.MAIN_EAST_WEST, names.LOCAL_EAST_WEST, "大道", "街")
    if story_told:  # the community of 杜甫路 needs its 园丁街
        row = int(starts_y[1]) + 1
        names_y[names_y.index("园丁街")], names_y[row] = names_y[row], "园丁街"
    return Streets(nodes, main_x, main_y, carriage_x, carriage_y, half_x, half_y, names_x, names_y)


def _bent(rng: np.random.Generator, nodes: Floats) -> Floats:
    """The grid gently bent, as streets are: neighbouring blocks stay alike, no street stays straight."""
    length, phase = rng.uniform(1300, 1900, 4), rng.uniform(0, 2 * np.pi, 4)
    x, y = nodes[..., 0], nodes[..., 1]
    dx = 9 * np.sin(2 * np.pi * y / length[0] + phase[0]) + 5 * np.sin(2 * np.pi * (x + y) / length[1] + phase[1])
    dy = 10 * np.sin(2 * np.pi * x / length[2] + phase[2]) + 5 * np.sin(2 * np.pi * (x - y) / length[3] + phase[3])
    return np.stack([x + dx, y + dy], axis=-1)


def _line_names(main: Bools, mains: tuple[str, ...], locals_: tuple[str, ...], main_suffix: str, local_suffix: str) -> list[str]:
    rank = np.where(main, np.cumsum(main), np.cumsum(~main)) - 1
    return [
        names.street(mains, main_suffix, int(r)) if is_main else names.street(locals_, local_suffix, int(r))
        for is_main, r in zip(main, rank, strict=True)
    ]


def _blocks(communities: list[story.Community], starts_x: Ints, starts_y: Ints) -> tuple[Ints, list[Ints]]:
    pairs: list[tuple[int, int]] = []
    blocks_of: list[Ints] = []
    for known in communities:
        column, row = known.place
        mine = [(i, j) for j in range(starts_y[row], starts_y[row + 1]) for i in range(starts_x[column], starts_x[column + 1])]
        blocks_of.append(np.arange(len(pairs), len(pairs) + len(mine)))
        pairs += mine
    return np.array(pairs, dtype=np.int64), blocks_of


def _block_quads(streets: Streets, blocks: Ints) -> Floats:
    """(n, 4, 2): what is left of each block between the red lines of its four streets."""
    i, j = blocks[:, 0], blocks[:, 1]
    west, east, south, north = streets.half_x[i], streets.half_x[i + 1], streets.half_y[j], streets.half_y[j + 1]
    nodes = streets.nodes
    corners = [
        nodes[i, j] + np.column_stack([west, south]),
        nodes[i + 1, j] + np.column_stack([-east, south]),
        nodes[i + 1, j + 1] + np.column_stack([-east, -north]),
        nodes[i, j + 1] + np.column_stack([west, -north]),
    ]
    return np.stack(corners, axis=1)


def _plots(rng: np.random.Generator, communities: list[story.Community], blocks_of: list[Ints], quads: Floats, office: int | None) -> Plots:
    """Each community's blocks cut into plots: its compounds and about a tenth more for schools, markets and offices."""
    block: list[Ints] = []
    uv: list[Floats] = []
    flags: list[Ints] = []
    community: list[Ints] = []
    compound: list[Bools] = []
    for c, known in enumerate(communities):
        mine = blocks_of[c][blocks_of[c] != office] if office is not None else blocks_of[c]
        total = known.compounds + max(1, round(known.compounds * 0.09)) + (2 if known.compounds < 2 * len(mine) + len(mine) else 0)
        total = max(total, len(mine))
        counts = np.full(len(mine), total // len(mine))
        counts[rng.permutation(len(mine))[: total % len(mine)]] += 1
        is_compound = np.zeros(total, dtype=bool)
        is_compound[rng.permutation(total)[: known.compounds]] = True
        compound.append(is_compound)
        community.append(np.full(total, c))
        for b, count in zip(mine.tolist(), counts.tolist(), strict=True):
            cut, flag = _cut(rng, count)
            uv.append(cut)
            flags.append(flag)
            block.append(np.full(count, b))
    where = np.concatenate(block)
    cuts, marks = np.concatenate(uv), np.concatenate(flags)
    return Plots(
        where, _corners(quads[where], cuts), marks[:, 0].astype(bool), marks[:, 1], marks[:, 2].astype(bool), marks[:, 3].astype(bool),
        np.concatenate(community), np.concatenate(compound),
    )  # fmt: skip


def _cut(rng: np.random.Generator, count: int) -> tuple[Floats, Ints]:
    """A unit square cut into `count` plots in two rows: (count, 6) u0, u1, v at the four corners; (count, 4) south front, column, first, last."""
    southern = (count + int(rng.integers(0, 2))) // 2 if count > 1 else 1
    middle = rng.uniform(0.45, 0.55, 2)
    if count == 1:
        return np.array([[0.0, 1.0, 0.0, 0.0, 1.0, 1.0]]), np.array([[1, 0, 1, 1]])
    cuts, flags = [], []
    for south, in_row in ((1, southern), (0, count - southern)):
        weights = rng.uniform(0.62, 1.38, in_row)
        u = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
        v = middle[0] + (middle[1] - middle[0]) * u
        low, high = (np.zeros_like(v), v) if south else (v, np.ones_like(v))
        cuts += [[u[k], u[k + 1], low[k], low[k + 1], high[k + 1], high[k]] for k in range(in_row)]
        flags += [[south, k, int(k == 0), int(k == in_row - 1)] for k in range(in_row)]
    return np.array(cuts), np.array(flags)


def _corners(quad: Floats, cut: Floats) -> Floats:
    """Bilinear corners of the cut plots, drawn in from their neighbours by the wall gap."""
    u = cut[:, [0, 1, 1, 0]]
    v = cut[:, 2:6]
    sw, se, ne, nw = (quad[:, None, k, :] for k in range(4))
    u, v = u[..., None], v[..., None]
    points = (1 - u) * (1 - v) * sw + u * (1 - v) * se + u * v * ne + (1 - u) * v * nw
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], float) * _WALL_GAP_M
    return np.asarray(points + inward)
