"""Files into the store: sandbox → columns mapped to fields → every record accounted for → one transaction.

How a record finds its feature (mode upsert): its code; else, without one, the code that follows from what it says; else its natural key (compounds: name
and community, where a missing community fits if the name is unique in the store and in the file; else the record is a feature of its own). Columns and
cells that a file leaves empty keep what is there. Own codes beat `id` columns, these beat derived codes; files that a feature came from are listed in one
order; so a ledger first or outlines first give the same store.
"""

from __future__ import annotations

from geo.imports.account import REASONS, Account, Tally
from geo.imports.follow import cascade, references_to
from geo.imports.inspection import Inspection, Proposal, inspect_file
from geo.imports.options import MODES, Choice, ImportOptions, Join
from geo.imports.quarantine import quarantine_csv
from geo.imports.run import import_file
from geo.templates import template_xlsx

__all__ = [
    "MODES", "REASONS", "Account", "Choice", "ImportOptions", "Inspection", "Join", "Proposal", "Tally", "cascade", "import_file", "inspect_file", "quarantine_csv",
    "references_to", "template_xlsx",
]  # fmt: skip
