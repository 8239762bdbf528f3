"""An outside witness: the real service beside a provider that lies, stalls and cuts, its ledger read by hand.

Nothing of the dispatcher is used but its command and its clock: the provider, the signatures and the SQL are
the witness's own. `python -m tests.witness` tries every case on both databases and prints a table.
"""
