"""Settings: declared once, refused with a sentence when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from geo.crs import Bounds
from web.profiles import PROFILES
from web.settings import ROOT, SETTINGS, SettingRefused, Settings, load


def test_the_defaults_can_be_used() -> None:
    settings = load({}, {})
    assert settings.store == str(ROOT / "data" / "instance" / "yuantu.gpkg")
    assert (settings.lang, settings.max_limit, settings.upload_mb, settings.basemap, settings.area) == ("zh", 100_000, 64, None, None)


def test_every_declared_setting_has_a_value_and_a_meaning() -> None:
    assert [s.attribute for s in SETTINGS] == list(Settings.__slots__)
    assert all(s.name.startswith("YUANTU_") and s.help.zh and s.help.en for s in SETTINGS)


def test_config_wins_over_the_environment(tmp_path: Path) -> None:
    path = str(tmp_path / "a.gpkg")
    settings = load({"YUANTU_STORE": path}, {"YUANTU_STORE": "b.gpkg", "YUANTU_LANG": "en", "HOME": "/x"})
    assert (settings.store, settings.lang, settings.instance) == (path, "en", tmp_path)


GOOD = [
    ("YUANTU_AREA", "112.9,34.7,113.1,34.8", "area", Bounds(112.9, 34.7, 113.1, 34.8)),
    ("YUANTU_DATUM", "gcj02", "datum", "GCJ-02"),
    ("YUANTU_DATUM", "CGCS2000", "datum", "WGS84"),
    ("YUANTU_MAX_LIMIT", " 500 ", "max_limit", 500),
    ("YUANTU_BASEMAP", "https://{s}.tiles.example/{z}/{x}/{y}.png?k=1", "basemap_origin", "https://*.tiles.example"),
    ("YUANTU_BASEMAP", "/static/tiles/{z}/{x}/{y}.png", "basemap_origin", None),
]


@pytest.mark.parametrize(("name", "text", "attribute", "value"), GOOD)
def test_a_good_value_is_read(name: str, text: str, attribute: str, value: object) -> None:
    assert getattr(load({}, {name: text}), attribute) == value


BAD = [
    ("YUANTU_AREA", "1,2,3"),
    ("YUANTU_AREA", "1,5,3,4"),
    ("YUANTU_DATUM", "Beijing54"),
    ("YUANTU_LANG", "fr"),
    ("YUANTU_MAX_LIMIT", "0"),
    ("YUANTU_MAX_LIMIT", "1e5"),
    ("YUANTU_MAX_LIMIT", "１００"),
    ("YUANTU_STORE", "postgresql://localhost/x"),
    ("YUANTU_STORE", "store.sqlite"),
    ("YUANTU_STORE", ""),
    ("YUANTU_RATE", "many"),
    ("YUANTU_SECRET", "short"),
    ("YUANTU_BASEMAP", "javascript:alert(1)//{z}{x}{y}"),
    ("YUANTU_BASEMAP", "https://tiles.example/{z}/{x}"),
    ("YUANTU_BASEMAP", "https://tiles.example/{z}/{x}/{y}; script-src *"),
    ("YUANTU_BASEMAP", "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}"),
    ("YUANTU_BASEMAP", "https://online1.map.bdimg.com/tile/?x={x}&y={y}&z={z}"),
    ("YUANTU_BASEMAP_DATUM", "BD-09"),
    ("YUANTU_STROE", "x.gpkg"),
    ("YUANTU_PROFILE", "de_din"),
    ("YUANTU_PROFILE", "/nowhere/rules.toml"),
    ("YUANTU_PROFILE", "tests"),
    ("YUANTU_PROFILE", "bad\0name.toml"),
]


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_bad_value_is_refused_with_a_sentence(name: str, text: str) -> None:
    with pytest.raises(SettingRefused) as caught:
        load({}, {name: text})
    assert caught.value.exit_code == 2
    assert caught.value.text.zh.startswith("设置 YUANTU_")
    assert caught.value.text.en.startswith("setting YUANTU_")


def test_a_misspelt_name_is_told_the_nearest() -> None:
    with pytest.raises(SettingRefused, match="YUANTU_STORE"):
        load({}, {"YUANTU_STROE": "x.gpkg"})


def test_shifted_tiles_are_taken_when_the_operator_says_so() -> None:
    tiles = "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}"
    assert load({}, {"YUANTU_BASEMAP": tiles, "YUANTU_BASEMAP_DATUM": "GCJ-02"}).basemap == tiles


def test_the_profile_is_a_name_or_a_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((PROFILES / "cn_gb.toml").read_text("utf-8").replace('id = "cn_gb"', 'id = "mine"'), "utf-8")
    assert load({}, {}).profile.id == load({}, {"YUANTU_PROFILE": "data/profiles/cn_gb.toml"}).profile.id == "cn_gb"
    assert load({}, {"YUANTU_PROFILE": str(mine)}).profile.id == "mine"


@pytest.mark.parametrize("name", ["YUANTU_PROFILE", "YUANTU_STORE"])
def test_the_home_of_nobody_is_told(name: str) -> None:
    with pytest.raises(SettingRefused):
        load({}, {name: "~nobody-of-that-name/x.gpkg"})


BROKEN = [
    (b"[profile", "mine.toml cannot be used"),
    (b'[profile]\nid = "x"\nversion = "1"\nzh = "x"\nen = "x"\n', "[figures] is missing"),
    (b"\xff\xfe", "is not UTF-8 text"),
]


@pytest.mark.parametrize(("data", "said"), BROKEN)
def test_a_broken_profile_is_told_at_the_start(data: bytes, said: str, tmp_path: Path) -> None:
    """Not as a trace at the first question."""
    path = tmp_path / "mine.toml"
    path.write_bytes(data)
    with pytest.raises(SettingRefused) as caught:
        create_app({"YUANTU_STORE": str(tmp_path / "s.gpkg"), "YUANTU_PROFILE": str(path)})
    assert caught.value.exit_code == 2
    assert said in caught.value.text.en
    assert "mine.toml" in caught.value.text.en
