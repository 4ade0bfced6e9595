"""`python -m bench [--quick] [--only NAME …]`: what one would use instead, in the same run and on the same data, as ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time

from bench import browser, click, edits, formats_in, formats_out, gas, geojson, imports, pages, reach, rules, widths
from bench.harness import Report, Scale

CASES = {
    "pages": pages.run,
    "browser": browser.run,
    "geojson": geojson.run,
    "gas": gas.run,
    "edits": edits.run,
    "imports": imports.run,
    "click": click.run,
    "formats_out": formats_out.run,
    "formats_in": formats_in.run,
    "widths": widths.run,
    "reach": reach.run,
    "rules": rules.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of every size")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--json", action="store_true", help="the lines as JSON at the end")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores. A ratio above 1× means that ours is the better one.")
    report, start = Report(), time.perf_counter()
    for name in options.only:
        CASES[name](report, Scale(options.quick))
    print(
        f"\n{time.perf_counter() - start:.0f} s; {report.missed} aims missed."
        if report.missed
        else f"\n{time.perf_counter() - start:.0f} s; every aim met."
    )
    if options.json:
        print(json.dumps(report.lines, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
