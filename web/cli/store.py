"""Commands about the store as a whole: the made-up district, its health, its copies."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from geo.errors import BadValue, Text
from web import demo, doctor
from web.services import services
from web.terminal import CHECK_FAILED, Command, say, write_json


@click.command("demo", cls=Command)
@click.option("--compounds", type=click.IntRange(1, 20_000), default=demo.COMPOUNDS, help="How many compounds.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=demo.SEED, help="The same seed gives the same district.")
@click.option("--remove", is_flag=True, help="Remove the made-up features.")
@with_appcontext
def demo_(compounds: int, seed: int, remove: bool) -> None:
    """Load the made-up district into an empty or a demo store, or remove it."""
    here = services()
    if remove:
        count = demo.remove(here)
        say(f"已移除示例数据 {count} 个要素", f"removed {count} made-up features")
        return
    count = demo.load(here, compounds=compounds, seed=seed)
    say(f"已载入示例小区：{count} 个要素（示例数据）", f"loaded the demo district: {count} features (made up)")


@click.command("doctor", cls=Command)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@with_appcontext
def doctor_(json_: bool) -> None:
    """Check the store and list which guards this system has; exit 4 when something is wrong."""
    here = services()
    report = doctor.examine(here)
    if json_:
        write_json(report)
    else:
        for name, value in report["facts"].items():
            click.echo(f"{name}: {value}")
        for guard in report["guards"]:
            click.echo(f"{'✓' if guard['on'] else '✗'} {guard['name']}")
        for problem in report["problems"]:
            click.echo(f"! {problem}")
    if report["problems"]:
        say("数据库有问题", "the store has problems")
        sys.exit(CHECK_FAILED)
    say("数据库完好", "the store is sound")


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a consistent copy of the store that other programs may open."""
    if not file.resolve().parent.is_dir():
        raise BadValue(Text(f"没有文件夹 {file.parent}", f"there is no folder {file.parent}"), parameter="file")
    services().store.backup(file.resolve())
    say(f"已备份到 {file}", f"backed up to {file}")
