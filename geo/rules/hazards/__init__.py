"""Rules on the hazard ledger (HZ-…): deadlines, reviews, determinations, repeats."""

from __future__ import annotations

from geo.rules.declaration import Rule
from geo.rules.hazards.again import AGAIN
from geo.rules.hazards.courses import COURSE
from geo.rules.hazards.determined import DETERMINED
from geo.rules.hazards.dues import MAJOR, NOTICE, OVERDUE, REVIEW

HAZARDS: tuple[Rule, ...] = (OVERDUE, NOTICE, REVIEW, MAJOR, DETERMINED, COURSE, AGAIN)
