"""What of this very answer a format cannot carry, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from geo.errors import Text
from geo.exports import rows
from geo.exports.columns import json_text
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
DBF_BYTES = 254
XLSX_TEXT = 32_767


def losses(answer: Answer, output: Output) -> tuple[Text, ...]:
    """The format's own words first, then what holds for these features only."""
    said = [output.form.loses] if output.form.loses else []
    if unplaced := left_out(answer, output):
        said.append(_left_out(answer, unplaced))
    if output.form.id == "shp" and (cut := sum(1 for _ in long_texts(answer))):
        said.append(
            Text(
                f"{cut} 处文字超过 {DBF_BYTES} 字节，已截断，全文在 about/long_texts.csv",
                f"{cut} texts over {DBF_BYTES} bytes are cut; whole ones are in about/long_texts.csv",
            )
        )
    if output.form.id == "xlsx" and (cut := sum(len(text) > XLSX_TEXT for _, _, text in long_texts(answer))):
        said.append(Text(f"{cut} 处文字超过 {XLSX_TEXT} 字，已截断", f"{cut} texts over {XLSX_TEXT} characters are cut"))
    return tuple(said)


def _left_out(answer: Answer, count: int) -> Text:
    if answer.shape is None:
        return Text(f"{count} 个未上图的要素不在文件里", f"{count} unplaced features are not in the file")
    label = answer.shape.label
    return Text(f"{count} 行没有“{label.zh}”，不在文件里", f"{count} rows have no {label.en.lower()} and are not in the file")


def left_out(answer: Answer, output: Output) -> int:
    """How many features of the answer are not in the file: those without a place, where the format knows none."""
    return int(answer.frame.geometry.isna().sum()) if output.form.placed_only else 0


def long_texts(answer: Answer) -> Iterator[tuple[int, str, str]]:
    """(feature id, field name, text) of every text that a shapefile's table cannot hold whole."""
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        ids = part.index.tolist()
        for column, field in zip(rows.columns(part, answer.fields), answer.fields, strict=True):
            if field.type not in ("text", "choice", "json"):
                continue
            texts: list[Any] = [json_text(v) for v in column] if field.type == "json" else column
            for id, text in zip(ids, texts, strict=True):
                if isinstance(text, str) and len(text) * 4 > DBF_BYTES and len(text.encode("utf-8", "replace")) > DBF_BYTES:
                    yield id, field.name, text
