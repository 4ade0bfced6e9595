"""A renovation project as a workbook: summary, compounds, problems, works, prices, sources. Costs are formulas of quantity and price, so that a price
changed in the workbook changes them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from geo.errors import Text
from geo.exports.guarding import FORMULA_STARTS
from geo.exports.losses import XLSX_TEXT
from geo.exports.provenance import DEMO
from geo.projects import Assessment
from geo.projects.report import open_hazards, report

_SHEETS = {
    "summary": Text("汇总", "Summary"),
    "compounds": Text("院落", "Compounds"),
    "problems": Text("问题", "Problems"),
    "works": Text("工程", "Works"),
    "prices": Text("单价", "Prices"),
    "sources": Text("资料来源", "Sources"),
}
_LOW, _HIGH = Text("造价低（元）", "cost, low (yuan)"), Text("造价高（元）", "cost, high (yuan)")
_NAME, _CODE, _UNIT = Text("小区名称", "compound"), Text("小区编号", "code"), Text("单位", "unit")
_ITEM, _CLASS = Text("工程项", "item"), Text("类别", "class")
_UNKNOWN = Text("不明", "unknown")
_NO_DATA = Text("没有数据", "no data")


def project_xlsx(found: Assessment, *, lang: str, now: str, version: int) -> bytes:
    """The workbook's bytes. `now`: ISO 8601 UTC."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _Book(book, report(found, lang), lang).write(now, version, str(found.site.view.metric_crs))
    return out.getvalue()


class _Book:
    """The sheets of one workbook."""

    def __init__(self, book: Any, said: dict[str, Any], lang: str) -> None:
        self.said, self.lang = said, lang
        self.sheets = {name: book.add_worksheet(label.of(lang)) for name, label in _SHEETS.items()}
        self.bold = book.add_format({"bold": True, "bg_color": "#e8eef4", "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.title = book.add_format({"bold": True, "font_size": 14, "quote_prefix": True})
        self.plain = book.add_format({"valign": "top", "text_wrap": True})
        self.quoted = book.add_format({"valign": "top", "text_wrap": True, "quote_prefix": True})
        self.yuan = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.price_rows: dict[str, int] = {}

    def write(self, now: str, version: int, metric_crs: str) -> None:
        self._prices()
        self._works()
        self._compounds()
        self._problems()
        self._summary(now, version)
        self._sources(metric_crs)

    def _t(self, zh: str, en: str) -> str:
        return Text(zh, en).of(self.lang)

    def _head(self, name: str, columns: Sequence[tuple[str, int]]) -> Any:
        sheet = self.sheets[name]
        for at, (label, width) in enumerate(columns):
            sheet.write_string(0, at, label, self.bold)
            sheet.set_column(at, at, width)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&P / &N")
        return sheet

    def _cells(self, sheet: Any, line: int, values: Sequence[Any]) -> None:
        for at, value in enumerate(values):
            if isinstance(value, bool):
                sheet.write_string(line, at, self._t("是", "yes") if value else self._t("否", "no"), self.plain)
            elif isinstance(value, str):
                text = value if len(value) <= XLSX_TEXT else value[: XLSX_TEXT - 1] + "…"
                sheet.write_string(line, at, text, self.quoted if text.startswith(FORMULA_STARTS) else self.plain)
            elif value is not None:
                sheet.write_number(line, at, value, self.plain)

    def _prices(self) -> None:
        head = [(self._t("编码", "code"), 14), (_ITEM.of(self.lang), 26), (_CLASS.of(self.lang), 10), (_UNIT.of(self.lang), 10)]
        head += [(self._t("单价低（元）", "unit price, low (yuan)"), 14), (self._t("单价高（元）", "unit price, high (yuan)"), 14)]
        head += [(self._t("来源", "source"), 44), (self._t("价格日期", "of"), 12), (self._t("本项目自定", "the project's own"), 12)]
        sheet = self._head("prices", [*head, (self._t("工程量算式", "quantity"), 60)])
        for line, price in enumerate(self.said["prices"], start=1):
            self.price_rows[price["code"]] = line
            names = ("code", "label", "class_label", "unit", "low", "high", "source", "date", "own", "formula")
            self._cells(sheet, line, [price[name] for name in names])

    def _works(self) -> None:
        head = [(_CODE.of(self.lang), 14), (_NAME.of(self.lang), 22), (self._t("编码", "code"), 14), (_ITEM.of(self.lang), 24)]
        head += [(_CLASS.of(self.lang), 10), (self._t("工程量", "quantity"), 12), (_UNIT.of(self.lang), 10), (_LOW.of(self.lang), 14)]
        head += [(_HIGH.of(self.lang), 14), (self._t("不明的部分", "unknown parts"), 11), (self._t("算式", "sum"), 60)]
        sheet = self._head("works", [*head, (self._t("解决的问题", "settles"), 40)])
        line = 0
        for compound in self.said["compounds"]:
            for work in (work for work in compound["works"] if work["included"]):
                line += 1
                self._work(sheet, line, compound, work)
        self.works = line

    def _work(self, sheet: Any, line: int, compound: dict[str, Any], work: dict[str, Any]) -> None:
        sums = work["why"] if work["by_hand"] else "; ".join(f"{part['name']}: {part['sum']}" for part in work["parts"])
        amount = _UNKNOWN.of(self.lang) if work["amount"] is None else work["amount"]
        values = [compound["code"], compound["name"], work["code"], work["label"], work["class_label"], amount, work["unit"], None, None]
        self._cells(sheet, line, [*values, 0 if work["by_hand"] else work["unknown"], sums, ", ".join(work["resolves"])])
        for column, price, cost in ((7, 4, "low"), (8, 5, "high")):
            cell = xl_rowcol_to_cell(self.price_rows[work["code"]], price, row_abs=True, col_abs=True)
            formula = f"=ROUND(N({xl_rowcol_to_cell(line, 5)})*'{_SHEETS['prices'].of(self.lang)}'!{cell},0)"
            sheet.write_formula(line, column, formula, self.yuan, work["cost"][cost])

    def _compounds(self) -> None:
        facts = [fact["label"] for fact in self.said["compounds"][0]["facts"]] if self.said["compounds"] else []
        head = [(_CODE.of(self.lang), 14), (_NAME.of(self.lang), 22), *((label, 12) for label in facts)]
        head += [
            (self._t("工程类别", "class of works"), 10),
            (self._t("问题数", "findings"), 9),
            (self._t("未销号隐患", "open hazards"), 10),
        ]
        head += [(self._t("缺项数", "data gaps"), 9), (self._t("资料完整度", "completeness"), 10), (self._t("上图", "on the map"), 8)]
        sheet = self._head("compounds", [*head, (_LOW.of(self.lang), 14), (_HIGH.of(self.lang), 14)])
        for line, compound in enumerate(self.said["compounds"], start=1):
            values = [
                compound["code"],
                compound["name"],
                *(fact["text"] if isinstance(fact["value"], str) else fact["value"] for fact in compound["facts"]),
            ]
            hazards = open_hazards(compound)
            values += [
                compound["class_label"],
                len(compound["findings"]),
                _NO_DATA.of(self.lang) if hazards is None else hazards,
                compound["gaps_n"],
            ]
            self._cells(sheet, line, [*values, compound["completeness"], compound["placed"]])
            for at, cost in enumerate(("low", "high"), start=len(values) + 2):
                sheet.write_formula(line, at, self._sum(f"$B${line + 1}", cost, code=f"$A${line + 1}"), self.yuan, compound["cost"][cost])

    def _sum(self, name: str, cost: str, *, code: str | None = None) -> str:
        """The works of a compound added up, told apart by name and code."""
        sheet, last = f"'{_SHEETS['works'].of(self.lang)}'", max(self.works, 1) + 1
        column = {"low": "H", "high": "I"}[cost]
        ranges = {letter: f"{sheet}!${letter}$2:${letter}${last}" for letter in ("A", "B", column)}
        return f'=SUMPRODUCT(({ranges["B"]}={name})*({ranges["A"]}&""={code}&"")*{ranges[column]})'

    def _problems(self) -> None:
        head = [(_CODE.of(self.lang), 14), (_NAME.of(self.lang), 22), (self._t("种类", "kind"), 10), (self._t("编号", "id"), 20)]
        head += [(self._t("内容", "what"), 30), (self._t("程度或状态", "severity or status"), 12), (self._t("对象", "feature"), 22)]
        head += [(self._t("实测", "measured"), 10), (self._t("界限", "threshold"), 10), (_UNIT.of(self.lang), 8)]
        sheet = self._head("problems", [*head, (self._t("依据", "citation"), 40), (self._t("理由", "why"), 60)])
        lines = [(compound, row) for compound in self.said["compounds"] for row in self._problem_rows(compound)]
        for line, (compound, row) in enumerate(lines, start=1):
            self._cells(sheet, line, [compound["code"], compound["name"], *row])
        sheet.autofilter(0, 0, max(len(lines), 1), len(head) + 1)

    def _problem_rows(self, compound: dict[str, Any]) -> list[list[Any]]:
        finding, hazard, gap = self._t("不符合", "finding"), self._t("隐患", "hazard"), self._t("缺项", "data gap")
        rows: list[list[Any]] = []
        for f in compound["findings"]:
            target = f"{f['layer_label']} {f['name']}"
            rows.append(
                [
                    finding,
                    f["code"],
                    f["check"],
                    f["severity_label"],
                    target,
                    f["measured"],
                    f["threshold"],
                    f["unit"],
                    f["citation"],
                    f["why"],
                ]
            )
        for h in compound["hazards"]:
            due = f"{self._t('整改期限', 'due')} {h['due']}" if h["due"] else None
            rows.append(
                [hazard, h["code"], h["type_label"], h["status_label"] or _UNKNOWN.of(self.lang), None, None, None, None, None, due]
            )
        for g in compound["gaps"]:
            rows.append([gap, None, g["field_label"], None, f"{g['layer_label']} {g['name']}", g["settles"], None, None, None, None])
        return rows

    def _summary(self, now: str, version: int) -> None:
        sheet, said, totals = self.sheets["summary"], self.said, self.said["totals"]
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 18)
        sheet.write_string(0, 0, said["title"], self.title)
        line = 1
        for label, value in self._lines(now, version):
            self._cells(sheet, line, [label, value])
            line += 1
        line += 1
        for at, text in enumerate((_CLASS, _LOW, _HIGH)):
            sheet.write_string(line, at, text.of(self.lang), self.bold)
        last = max(self.works, 1) + 1
        works = f"'{_SHEETS['works'].of(self.lang)}'"
        for each in totals["classes"]:
            line += 1
            self._cells(sheet, line, [each["label"]])
            for at, (letter, cost) in enumerate((("H", "low"), ("I", "high")), start=1):
                formula = f"=SUMIF({works}!$E$2:$E${last},A{line + 1},{works}!${letter}$2:${letter}${last})"
                sheet.write_formula(line, at, formula, self.yuan, each["cost"][cost])
        line += 1
        self._cells(sheet, line, [self._t("合计", "total")])
        for at, cost in enumerate(("low", "high"), start=1):
            first, end = xl_rowcol_to_cell(line - len(totals["classes"]), at), xl_rowcol_to_cell(line - 1, at)
            sheet.write_formula(line, at, f"=SUM({first}:{end})", self.yuan, totals["cost"][cost])

    def _lines(self, now: str, version: int) -> list[tuple[str, Any]]:
        said, totals = self.said, self.said["totals"]
        lines: list[tuple[str, Any]] = [(self._t("说明", "note"), said["note"])] if said["note"] else []
        lines += [(DEMO.of(self.lang), DEMO.of(self.lang))] if said["demo"] else []
        lines += [
            (self._t("院落", "compounds"), totals["compounds"]),
            (self._t("其中未上图", "of them not on the map"), totals["unplaced"]),
            (self._t("不符合的检查", "findings"), totals["findings"]),
            (self._t("不明的检查", "unknown checks"), totals["unknown"]),
            (
                self._t("未销号隐患", "open hazards"),
                _NO_DATA.of(self.lang) if totals["compounds"] == totals["without_hazards_data"] else totals["hazards"],
            ),
            (self._t("没有隐患数据的院落", "compounds without data on hazards"), totals["without_hazards_data"]),
            (self._t("缺项", "data gaps"), totals["gaps"]),
            (self._t("工程量不明、造价未全计入的项", "works of unknown quantity, not wholly in the cost"), totals["cost"]["open"]),
            (self._t("规则文件", "profile"), f"{said['profile']['label']} {said['profile']['version']}"),
            (self._t("数据截至", "data as of"), said["as_of"]),
            (self._t("项目版本", "version of the project"), version),
            (self._t("生成时间", "made at"), now),
            (self._t("指纹", "fingerprint"), said["fingerprint"]),
        ]
        for each in said["left_out"]:
            label = self._t("不属于任何院落、没有放进的", "not in it: belong to no compound")
            named = "、".join(each["named"]) + (" …" if each["without"] > len(each["named"]) else "")
            lines.append((f"{label}（{each['layer_label']}）", f"{each['without']} / {each['rows']}: {named}"))
        changed = said["changed"]["compounds"]
        if changed:
            lines.append(
                (self._t("编制后资料有变的院落", "compounds whose data have changed since"), "、".join(c["name"] for c in changed))
            )
        return lines

    def _sources(self, metric_crs: str) -> None:
        sheet = self._head("sources", [(self._t("来源", "source"), 90), (self._t("用于", "for"), 60)])
        rows: dict[str, list[str]] = {}
        for price in self.said["prices"]:
            rows.setdefault(f"{price['source']}（{price['date']}）", []).append(price["code"])
        for compound in self.said["compounds"]:
            for finding in compound["findings"]:
                of = rows.setdefault(f"{finding['citation']}（{finding['sure_label']}）", [])
                if finding["rule"] not in of:
                    of.append(finding["rule"])
        for line, (source, used) in enumerate(rows.items(), start=1):
            self._cells(sheet, line, [source, ", ".join(used)])
        measured = Text(f"长度、面积在 {metric_crs} 中量算（米）", f"lengths and areas are measured in {metric_crs} (metres)")
        self._cells(sheet, len(rows) + 1, [measured.of(self.lang)])
