"""What is not on record and some rule needs: one gap for every field of a feature, with how many answers it would settle."""

from __future__ import annotations

from geo.gaps.table import READS, Gaps, gaps, rows

__all__ = ["READS", "Gaps", "gaps", "rows"]
