"""The settings of the service: one tuple of declarations that feeds the environment, `create_app(config)` and the reference page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from geo.crs import Bounds
from geo.errors import Invalid, Text, YuantuError, nearest
from geo.profile import Profile
from web import profiles

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "YUANTU_"
DATUMS = {
    "WGS84": "WGS84", "WGS-84": "WGS84", "EPSG:4326": "WGS84", "CGCS2000": "WGS84", "EPSG:4490": "WGS84",
    "GCJ-02": "GCJ-02", "GCJ02": "GCJ-02", "BD-09": "BD-09", "BD09": "BD-09",
}  # fmt: skip
"""Spellings of the three datums that longitude/latitude inside China may be in (WGS 84 and CGCS2000 coincide for a map)."""

_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::[0-9]{1,5})?")
_GCJ02_TILES = ("autonavi.com", "amap.com", "gtimg.com", "qq.com", "google.cn", "googleapis.cn", "geoq.cn")
_BD09_TILES = ("baidu.com", "bdimg.com", "bdstatic.com")


class SettingRefused(Invalid, click.ClickException):
    """A setting that cannot be used; on the command line a sentence and exit code 2."""

    code = "bad-setting"
    exit_code = 2

    def __init__(self, name: str, zh: str, en: str) -> None:
        YuantuError.__init__(self, Text(f"设置 {name}：{zh}", f"setting {name}: {en}"), setting=name)

    def format_message(self) -> str:
        return f"{self.text.zh}\n{self.text.en}"

    def __str__(self) -> str:
        return self.text.en


class _Wrong(ValueError):
    """What is wrong with a value, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment name, default as text, unit, meaning, and how its text becomes a value."""

    name: str
    default: str
    unit: Text | None
    help: Text
    parse: Callable[[str], Any] = str

    @property
    def attribute(self) -> str:
        return self.name.removeprefix(PREFIX).lower()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise _Wrong(f"“{text}”不是 {low} 到 {high} 之间的整数", f"'{text}' is not a whole number from {low} to {high}")
        return int(text)

    return parse


def _one_of(*values: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise _Wrong(f"“{text}”不是 {'、'.join(values)} 之一", f"'{text}' is not one of {', '.join(values)}")
        return text

    return parse


def _area(text: str) -> Bounds | None:
    return Bounds.parse(text) if text else None


def _datum(text: str) -> str | None:
    if not text:
        return None
    if text.upper() not in DATUMS:
        raise _Wrong(f"“{text}”不是 WGS84、GCJ-02、BD-09 之一", f"'{text}' is not one of WGS84, GCJ-02, BD-09")
    return DATUMS[text.upper()]


def _tile_address(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    local = text.startswith("/") and not text.startswith("//")
    if (not local and (parts.scheme not in ("http", "https") or not parts.hostname)) or re.search(r"[\s;,'\"<>\\]", text):
        raise _Wrong("须是 http(s)://… 或 /… 的瓦片地址", "must be a tile address that starts with http(s):// or /")
    if not all(mark in text for mark in ("{z}", "{x}", "{y}")):
        raise _Wrong("瓦片地址里须有 {z}、{x}、{y}", "the tile address needs {z}, {x} and {y}")
    return text


def _origins(text: str) -> tuple[str, ...]:
    """Origins apart by blanks or commas, each a scheme, a host and perhaps a port."""
    found = tuple(part.lower() for part in re.split(r"[\s,]+", text) if part)
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise _Wrong(f"“{origin}”不是 https://主机 这样的来源", f"'{origin}' is not an origin such as https://intranet.example")
    return found


def _store(text: str) -> str:
    if text.startswith("postgresql"):
        raise _Wrong(
            "此版本只有内嵌的 GeoPackage 库：写一个 .gpkg 文件的路径",
            "this version has the embedded store only: give the path of a .gpkg file",
        )
    if not text.endswith(".gpkg") or "\0" in text:
        raise _Wrong(f"“{text}”不是 .gpkg 文件的路径", f"'{text}' is not the path of a .gpkg file")
    try:
        return str((ROOT / Path(text).expanduser()).resolve())
    except RuntimeError:  # "~nobody/s.gpkg" of nobody here
        raise _Wrong(f"“{text}”里的用户目录不存在", f"there is no such home folder as in '{text}'") from None


def _profile(text: str) -> Profile:
    try:
        return profiles.named(text)
    except profiles.Unreadable as error:
        raise _Wrong(error.text.zh, error.text.en) from None


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,8} per (second|minute|hour)", text):
        raise _Wrong(f"“{text}”写法不对：写成 600 per minute 这样", f"'{text}' is not a rate: write it like 600 per minute")
    return text


def _secret(text: str) -> str | None:
    if text and len(text) < 32:
        raise _Wrong("至少 32 个字符", "needs at least 32 characters")
    return text or None


_MB, _COUNT, _MINUTES = Text("MB", "MB"), Text("个", "count"), Text("分钟", "minutes")

SETTINGS: tuple[Setting, ...] = (
    Setting("YUANTU_STORE", "data/instance/yuantu.gpkg", None, Text("数据库文件", "the store: the path of a GeoPackage file"), _store),
    Setting("YUANTU_AREA", "", Text("度", "degrees"),
            Text("服务范围：西,南,东,北；不写则取现有真实数据的范围", "service area as west,south,east,north; else the extent of the real data"), _area),
    Setting("YUANTU_DATUM", "", None,
            Text("文件不说明时，中国境内经纬度的基准：WGS84、GCJ-02 或 BD-09；不写则拒绝并列出候选",
                 "datum of undeclared longitude/latitude in China: WGS84, GCJ-02 or BD-09; else such files are refused, with the candidates"), _datum),
    Setting("YUANTU_BASEMAP", "", None,
            Text("底图瓦片地址（{z}/{x}/{y}）；不写则只画自己的数据，不联网",
                 "tile address of a basemap ({z}/{x}/{y}); without it only own data is drawn and nothing is fetched"), _tile_address),
    Setting("YUANTU_BASEMAP_DATUM", "", None,
            Text("底图的基准：WGS84 或 GCJ-02；高德、腾讯等 GCJ-02 瓦片须写明", "datum of the basemap: WGS84 or GCJ-02; must be said for GCJ-02 tiles (AMap, Tencent)"), _datum),
    Setting("YUANTU_BASEMAP_ATTRIBUTION", "", None, Text("底图的版权说明", "attribution of the basemap")),
    Setting("YUANTU_PROFILE", "cn_gb", None,
            Text("规则与数值：data/profiles 里的名字，或一个 TOML 文件的路径；相对路径从程序目录算起",
                 "rules and figures: a name of data/profiles, or the path of a TOML file, relative ones from the program's folder"), _profile),
    Setting("YUANTU_LANG", "zh", None, Text("缺省语言：zh 或 en", "language when a client names none: zh or en"), _one_of("zh", "en")),
    Setting("YUANTU_MAX_LIMIT", "100000", _COUNT,
            Text("limit 的上限，更大的值按此截断并说明", "the most that limit may ask for; more is clamped, and the answer says so"), _whole(1, 10_000_000)),
    Setting("YUANTU_UPLOAD_MB", "64", _MB, Text("上传文件的大小上限", "the largest upload"), _whole(1, 1024)),
    Setting("YUANTU_UPLOAD_RUNNING", "2", _COUNT, Text("同时处理的上传", "uploads worked on at the same time"), _whole(1, 16)),
    Setting("YUANTU_UPLOAD_QUEUED", "20", _COUNT, Text("保留的上传任务", "uploads kept waiting or ready"), _whole(1, 200)),
    Setting("YUANTU_UPLOAD_KEEP", "120", _MINUTES, Text("未导入的上传保留多久", "how long an upload that is not imported is kept"), _whole(1, 10_080)),
    Setting("YUANTU_COPY_EVERY", "60", _MINUTES,
            Text("运行中多久给真实数据做一份自动备份（有更改才做）；0 = 不做", "how often a running service copies its real data, if they changed; 0 = never"), _whole(0, 10_080)),
    Setting("YUANTU_COPIES", "7", _COUNT,
            Text("留下最近几份自动备份；更早的隔几份留一份，也留这么多",
                 "how many of the newest copies stay; of the earlier ones every so manyth does, as many again"), _whole(1, 100)),
    Setting("YUANTU_RATE", "30000 per minute", None, Text("每个客户端的请求频率上限", "the most requests of one client"), _rate),
    Setting("YUANTU_THREADS", "8", _COUNT, Text("服务线程数", "threads of the server"), _whole(1, 64)),
    Setting("YUANTU_EMBED_ORIGINS", "", None,
            Text("允许嵌入地图（/embed）的网页来源，用空格分开，如 https://oa.example；不写则只有本服务自己的网页",
                 "whose pages may frame the map (/embed): origins apart by blanks, such as https://intranet.example; unsaid: this service's own only"), _origins),
    Setting("YUANTU_SECRET", "", None,
            Text("签名密钥，至少 32 个字符；不写则自动生成并存在数据库旁", "key that signs cookies, at least 32 characters; else made once and kept beside the store"), _secret),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force. Paths are absolute; `area` in EPSG:4326 degrees."""

    store: str
    area: Bounds | None
    datum: str | None
    basemap: str | None
    basemap_datum: str | None
    basemap_attribution: str
    profile: Profile = field(hash=False)
    lang: str
    max_limit: int
    upload_mb: int
    upload_running: int
    upload_queued: int
    upload_keep: int
    copy_every: int
    copies: int
    rate: str
    threads: int
    embed_origins: tuple[str, ...]
    secret: str | None

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Those that come with the program; a planner's own takes the place of the one whose id it bears."""
        return {**profiles.shipped(), self.profile.id: self.profile}

    @property
    def instance(self) -> Path:
        """The folder of the store: uploads and the key live beside it."""
        return Path(self.store).parent

    @property
    def basemap_origin(self) -> str | None:
        """What the content security policy must allow for the basemap's images, e.g. "https://tiles.example"."""
        if not self.basemap or self.basemap.startswith("/"):
            return None
        parts = urlsplit(self.basemap)
        host = re.sub(r"\{[a-z]+\}", "*", parts.netloc)
        return f"{parts.scheme}://{host}"


def load(config: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings from `config` (first) and the environment. Raises SettingRefused for unknown names and for values that cannot be used."""
    given = {k: v for k, v in environ.items() if k.startswith(PREFIX)} | {k: str(v) for k, v in config.items() if k.startswith(PREFIX)}
    known = {s.name for s in SETTINGS}
    for name in given:
        if name not in known:
            close = "、".join(nearest(name, known)) or "、".join(sorted(known))
            raise SettingRefused(name, f"没有这个设置；相近的有 {close}", f"no such setting; nearest: {close.replace('、', ', ')}")
    settings = Settings(**{s.attribute: _value(s, given.get(s.name, s.default)) for s in SETTINGS})
    _check_basemap(settings)
    return settings


def _value(setting: Setting, text: str) -> Any:
    try:
        return setting.parse(text.strip())
    except _Wrong as wrong:
        raise SettingRefused(setting.name, wrong.text.zh, wrong.text.en) from None
    except YuantuError as error:
        raise SettingRefused(setting.name, error.text.zh, error.text.en) from None


def _check_basemap(settings: Settings) -> None:
    """GCJ-02 tiles lie about 580 m off: the operator must say so, and the map then shifts them; BD-09 tiles use another grid."""
    host = (urlsplit(settings.basemap).hostname or "") if settings.basemap else ""

    def served_by(names: tuple[str, ...]) -> bool:
        return any(host == n or host.endswith("." + n) for n in names)

    if settings.basemap_datum == "BD-09" or served_by(_BD09_TILES):
        raise SettingRefused(
            "YUANTU_BASEMAP", "百度（BD-09）瓦片的分幅不同，不能用作底图", "BD-09 tiles use another grid and cannot be a basemap"
        )
    if served_by(_GCJ02_TILES) and settings.basemap_datum != "GCJ-02":
        raise SettingRefused(
            "YUANTU_BASEMAP",
            "这是 GCJ-02 瓦片，与数据相差约 580 米：须写明 YUANTU_BASEMAP_DATUM=GCJ-02",
            "these are GCJ-02 tiles, about 580 m off the data: say YUANTU_BASEMAP_DATUM=GCJ-02",
        )
