"""Renovation projects: chosen compounds, what is wrong with them, the works that mend it with quantities, and what those cost.

`items` says what can be built and for how much, `site` which features belong to which compound, `quantities` how much of an item a compound needs,
`problems` what is found there, `plan` what a planner decided, `assessment` puts them together, `changes` tells what became of the data since,
`geojson` gives it to other programs.
"""

from geo.projects.assessment import READS, Assessment, assess
from geo.projects.changes import Change, changes, snapshot
from geo.projects.items import Item, items_of
from geo.projects.plan import KIND, MOST, Plan

__all__ = ["KIND", "MOST", "READS", "Assessment", "Change", "Item", "Plan", "assess", "changes", "items_of", "snapshot"]
