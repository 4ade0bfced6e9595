"""Layers that are worked out from the others: findings of the rule book, and what is not on record."""

from geo.errors import Text
from geo.schema import Choice, Field, Layer, Style, StyleClass
from layers.fields import COMMUNITY, COMPOUND_CODE

# fmt: off

GROUP = Text("规则与缺项", "Rules and gaps")

SEVERITIES = (
    Choice("critical", Text("严重", "critical")),
    Choice("high", Text("高", "high")),
    Choice("medium", Text("中", "medium")),
    Choice("low", Text("低", "low")),
    Choice("info", Text("提示", "info")),
)

_WORKS = (
    Choice("basic", Text("基础类", "basic")),
    Choice("improved", Text("完善类", "improved")),
    Choice("upgraded", Text("提升类", "upgraded")),
    Choice("none", Text("不涉及工程", "no works")),
)

_SURE = (
    Choice("A", Text("A 数值与条文均已核读", "A number and clause read")),
    Choice("B", Text("B 数值已核读，条文待核", "B number read, clause not")),
    Choice("C", Text("C 一般知识，待核实", "C general knowledge, to be verified")),
    Choice("L", Text("L 实测计算", "L tested")),
    Choice("own", Text("本项目默认", "the project's own default")),
)

findings = Layer(
    id="findings",
    label=Text("检查结果", "Findings"),
    group=GROUP,
    geometry=("Point",),
    derived=True,
    internal=True,  # findings on gas mains and on shops with bottled gas are among them
    title_field="title",
    fields=(
        Field("title", "text", Text("检查项", "Check"), public=True),
        Field("rule", "text", Text("规则", "Rule"), public=True),
        Field("severity", "choice", Text("程度", "Severity"), choices=SEVERITIES, public=True),
        Field("works", "choice", Text("改造类别", "Class of works"), choices=_WORKS, public=True),
        Field("target_layer", "text", Text("对象图层", "Layer"), public=True),
        Field("target_id", "integer", Text("对象序号", "Feature"), public=True),
        Field("target_code", "text", Text("对象编号", "Feature's code"), public=True),
        Field("target_name", "text", Text("对象名称", "Feature's name"), public=True),
        COMPOUND_CODE,
        COMMUNITY,
        Field("sure", "choice", Text("可靠程度", "How sure"), choices=_SURE, public=True),
        Field("verified_on", "date", Text("核对日期", "Verified on"), public=True),
        Field("profile", "text", Text("规则文件", "Profile"), public=True),
        Field("profile_version", "text", Text("规则版本", "Profile version"), public=True),
    ),
    style=Style(
        color="#8a8f98", radius=6.5, fill_opacity=0.85, symbol="!", shape="triangle", by="severity", visible=False,
        classes=(
            StyleClass(Text("严重", "critical"), "#7a0177", value="critical"),
            StyleClass(Text("高", "high"), "#b2182b", value="high"),
            StyleClass(Text("中", "medium"), "#d55e00", value="medium"),
            StyleClass(Text("低", "low"), "#e69f00", value="low"),
            StyleClass(Text("提示", "info"), "#56b4e9", value="info"),
            StyleClass(Text("不明", "unknown"), "#8a8f98"),
        ),
    ),
)

data_gaps = Layer(
    id="data_gaps",
    label=Text("缺项", "Data gaps"),
    group=GROUP,
    geometry=("Point",),
    derived=True,
    internal=True,
    title_field="target_name",
    fields=(
        Field("target_layer", "text", Text("图层", "Layer"), public=True),
        Field("target_id", "integer", Text("对象序号", "Feature"), public=True),
        Field("target_code", "text", Text("对象编号", "Feature's code"), public=True),
        Field("target_name", "text", Text("对象名称", "Feature's name"), public=True),
        Field("field", "text", Text("字段", "Field"), public=True),
        Field("settles", "integer", Text("可明确结果数", "Answers it would settle"), public=True),
        Field("rules", "text", Text("涉及规则", "Rules concerned"), public=True),
        COMPOUND_CODE,
        COMMUNITY,
    ),
    style=Style(color="#5b6470", radius=4.5, fill_opacity=0.85, symbol="?", visible=False),
    help=Text("某个对象缺的一项；整层缺数据时没有对象", "one field that a feature lacks; where a whole layer is missing there is no feature"),
)
