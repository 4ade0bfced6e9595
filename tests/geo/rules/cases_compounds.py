"""Hand-made cases of the rules on the age of compounds around their thresholds."""

from __future__ import annotations

from typing import Any

from tests.geo.fake_frames import box
from tests.geo.rules.rule_cases import Case, Want

Row = dict[str, Any]


def built(first: float | None, last: float | None = None, basis: str | None = "acceptance", *years: float | None) -> dict[str, list[Row]]:
    """A compound of these years, with buildings of others."""
    compound = {
        "code": "X1",
        "name": "东院",
        "geometry": box(0, 0, 90, 90),
        "built_year": first,
        "built_year_last": last,
        "built_year_basis": basis,
    }
    houses = [{"code": f"L{i}", "compound_code": "X1" if i else None, "geometry": box(9 * i, 1, 9 * i + 5, 6), "built_year": year}
              for i, year in enumerate(years)]  # fmt: skip
    return {"compounds": [compound], "buildings": houses}


CASES: tuple[Case, ...] = (
    Case("OC-01", "below", built(1999), Want("fail", 1999.0, 2000.0, "info", "计为老旧院落")),
    Case("OC-01", "exactly", built(2000), Want("fail", 2000.0, 2000.0, "info", "2000 年底以前")),
    Case("OC-01", "above", built(2001), Want("pass", 2001.0, 2000.0, says="失养失修等例外由街道认定")),
    Case("OC-01", "unknown", built(None), Want("unknown", None, 2000.0, says="没有登记建成年份")),
    Case("OC-01", "in stages", built(1988, 2003), Want("fail", 1988.0, 2000.0, "info", "1988–2003 年分批建成，按最早的楼")),
    Case("OC-01", "in stages, all old", built(1988, 1996), Want("fail", 1988.0, says="1988–1996 年分批建成，计为老旧院落（")),
    Case("OC-01", "in stages, all new", built(2004, 2008), Want("pass", 2004.0)),
    Case("OC-01", "a span that is an estimate", built(1998, 2003, "estimate"), Want("unknown", None, says="看不出是分批建成还是年份不准")),
    Case("OC-01", "an estimate that is old either way", built(1980, 1989, "estimate"), Want("fail", 1980.0)),
    Case("OC-01", "an estimate settled by its buildings", built(1998, 2003, "estimate", 2002, 2003), Want("pass", 2002.0, says="按楼栋的年份")),
    Case("OC-01", "by its buildings", built(None, None, None, 1995, 2004), Want("fail", 1995.0, says="按楼栋的年份，1995–2004")),
    Case("OC-01", "an old building in a new compound", built(2003, None, "acceptance", 2003, 1988), Want("fail", 1988.0, says="1988–2003 年分批建成，按最早的楼")),
    Case("OC-01", "new buildings in a new compound", built(2003, None, "acceptance", 2003, 2004), Want("pass", 2003.0, says="2003 年建成")),
    Case("OC-01", "one building without a year", built(None, None, None, 2004, None), Want("unknown", None, says="2 栋楼中只有 1 栋有年份")),
    Case("OC-01", "only the last year", built(None, 1997), Want("fail", 1997.0)),
    Case("OC-02", "acceptance", built(1990), Want("pass", None, None, says="竣工验收")),
    Case("OC-02", "deed", built(1990, None, "deed"), Want("pass", None, None, says="产权证")),
    Case("OC-02", "estimate", built(1990, None, "estimate"), Want("fail", None, None, "info", "估计")),
    Case("OC-02", "unknown", built(1990, None, None), Want("unknown", None, None, says="没有登记年份依据")),
    Case("OC-02", "na", built(None), Want("na", None, None, says="没有登记建成年份")),
)  # fmt: skip

ABSENT: dict[str, dict[str, str]] = {
    "OC-01": {"na": "every compound is old or not"},
    "OC-02": dict.fromkeys(("below", "exactly", "above"), "a state is judged, not a number"),
}
