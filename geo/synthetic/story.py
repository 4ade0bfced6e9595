"""What the default district echoes of the subdistrict it is named after; everything else in it is invented.

Numbers that are publicly told are kept exactly: 222 compounds, 215 of them of 2000 or before; the rest of each entry only makes them concrete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COMPOUNDS = 222
OLD = 215
OLD_UNTIL = 2000
SUBDISTRICT = "杜甫路街道"


@dataclass(frozen=True, slots=True)
class Community:
    """One community: compounds in it, its place in the grid of superblocks (column, row; south-west is 0, 0) and what is known of it."""

    name: str
    compounds: int
    place: tuple[int, int]
    early: bool = False
    population: int | None = None
    shops: int | None = None
    hazards: int | None = None
    unmanaged: int | None = None
    drills: int | None = None
    night_patrols: int | None = None


COLUMNS = (3, 3, 2)
ROWS = (2, 3)
"""Blocks a superblock of each column and row of the default district."""

COMMUNITIES = (
    Community("陇海路社区", 37, (0, 0)),
    Community("桐本南路社区", 42, (1, 0)),
    Community("新华南路社区", 15, (2, 0), unmanaged=11),
    Community("人民路社区", 40, (0, 1)),
    Community("杜甫路社区", 45, (1, 1)),
    Community("建设路社区", 43, (2, 1), early=True, population=6800, shops=208, hazards=86, drills=3, night_patrols=10),
)
NEW_SHOPS = 10
NEW_SHOP_EXTINGUISHERS = 2
OFFICE_COMMUNITY = "人民路社区"
OFFICE_NAME = "明阳商务楼"
OFFICE_LANE_M = 140.0
OFFICE_LANE_WIDTH_M = 4.0


@dataclass(frozen=True, slots=True)
class Named:
    """One compound by name: `rows` × `columns` buildings wanted of its plot, and the values that are set."""

    name: str
    community: str
    rows: int
    columns: int
    facts: dict[str, Any]
    street: str | None = None
    building_names: tuple[str, ...] = ()
    pocket_parks: int = 0
    notes: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


NANYUAN = "南苑小区"
NANYUAN_CONNECTED_DAYS_AGO = 346
YUANDING = "园丁街一号楼院"
FEDERATION = "工商联家属院"
LONGQUAN = "龙泉花园"

NAMED = (
    Named(
        NANYUAN, "桐本南路社区", 3, 2, {"year": 1994, "floors": 6},
        building_names=("里沟商品房", "进修学校"),
        values={
            "alias": "里沟商品房、进修学校家属院", "kind": "estate", "property_type": "mixed", "gas_status": "full",
            "gas_supplier": "示例燃气公司", "gas_type": "natural", "management": "community", "courtyard_pipe_material": "pe",
            "riser_position": "outer_wall", "connect_blocker": None,
        },
        notes="多年未通管道燃气，居民用瓶装液化气，后来接通",
    ),
    Named(
        YUANDING, "杜甫路社区", 3, 2, {"year": 1985, "floors": 3, "units": 3, "corridor": 3.3},
        street="园丁街",
        values={"alias": "园丁街1号院", "kind": "courtyard", "management": "self", "property_type": "work_unit", "owner_unit": "教育系统（示例）"},
        notes="进院通道原来停满车辆，清理后恢复通行；污水井盖曾返味，已更换防臭井盖",
    ),
    Named(
        FEDERATION, "建设路社区", 2, 1, {"year": 1988, "floors": 4},
        values={"kind": "work_unit", "owner_unit": "工商联（示例）", "management": "none", "property_type": "work_unit"},
        notes="化粪池多次淤堵",
    ),
    Named(
        LONGQUAN, "陇海路社区", 3, 2, {"year": 1999, "floors": 6},
        pocket_parks=3,
        values={"kind": "estate", "management": "professional", "property_type": "commodity", "management_company": "示例物业公司"},
        notes="院内有三处口袋公园",
    ),
)  # fmt: skip
