"""Commands about the store as a whole: the made-up district, its health, its copies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext

from geo.errors import BadValue, StoreDamaged, Text
from geo.store import restore_store, why_unopened
from geo.store.contract import Problem
from web import demo, doctor
from web.keeper import copies_of
from web.services import ACTOR, Services, services
from web.terminal import CHECK_FAILED, Command, language, say, write_json


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
    try:
        report = doctor.examine(here)
    except StoreDamaged:
        here.close()
        for problem in why_unopened(here.settings.store, here.stored):
            click.echo("\n".join(_told(problem)), err=json_)
        _say_newest_copy(here)
        raise
    if json_:
        write_json(report)
    else:
        for name, value in report["facts"].items():
            click.echo(f"{name}: {value}")
        for guard in report["guards"]:
            click.echo(f"{'✓' if guard['on'] else '✗'} {guard['name']}: {guard[language()]}")
        for problem in report["problems"]:
            for line in _told(problem):
                click.echo(line)
    if report["problems"]:
        say(f"数据库有 {len(report['problems'])} 个问题", f"the store has {len(report['problems'])} problems")
        _say_newest_copy(here)
        sys.exit(CHECK_FAILED)
    say("数据库完好", "the store is sound")


def _told(problem: Problem | str) -> Iterator[str]:
    """What is wrong and where, then what to do about it."""
    if isinstance(problem, str):
        yield f"! {problem}"
    else:
        yield f"! {problem.text.of(language())}"
        yield f"  → {problem.remedy.of(language())}"


def _say_newest_copy(here: Services) -> None:
    for path in copies_of(here.settings)[:1]:
        say(f"最近的自动备份：{path}", f"the newest automatic copy: {path}")


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a consistent copy of the store that other programs may open."""
    if not file.resolve().parent.is_dir():
        raise BadValue(Text(f"没有文件夹 {file.parent}", f"there is no folder {file.parent}"), parameter="file")
    services().store.backup(file.resolve())
    say(f"已备份到 {file}", f"backed up to {file}")


@click.command("restore", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Put a backup in the place of the store, which is kept under another name. Stop the service first."""
    here = services()
    done = restore_store(here.settings.store, file.resolve(), here.stored, actor=ACTOR, now=here.now())
    features, revision = sum(n for n, _ in done.info.counts.values()), done.info.revision
    say(f"已恢复 {file}：{features} 个要素，第 {revision} 次更改", f"restored {file}: {features} features, revision {revision}")
    if done.kept is not None:
        say(f"原来的数据文件留作 {done.kept}", f"the replaced store is kept as {done.kept}")
