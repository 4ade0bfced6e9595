"""The hazard ledger: working days, what is overdue, what comes back, which compound a hazard belongs to, counts, and the legal deadlines.

Everything here takes whole columns; days are datetime64[D], NaT = none on record.
"""
