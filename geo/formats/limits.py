"""How much a foreign file may cost, for an upload and for the command line."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds. `ratio`: unpacked to packed size; `depth`: nesting of JSON; `vertices`: of one geometry; `text`: characters."""

    file: int = 64 * MB
    unpacked: int = 256 * MB
    entries: int = 200
    ratio: int = 100
    depth: int = 32
    vertices: int = 100_000
    features: int = 200_000
    columns: int = 128
    text: int = 64 * 1024
    memory: int = 2048 * MB
    cpu: int = 20
    wall: int = 25


WEB = Limits()
"""For an upload: answered within 30 s, whatever is in it."""

COMMAND_LINE = Limits(file=2048 * MB, unpacked=4096 * MB, features=1_000_000, memory=4096 * MB, cpu=600, wall=600)
"""For an operator's own files."""
