"""Claiming work: a shard under a lease, then a batch of its messages, eligibility decided at that moment.

One transaction renews the lease, looks at the next messages, settles the ineligible with their reason
and commits the intent for the rest. Only then may anything go on the wire.
"""

from dispatcher.ledger.claims.taking import claim, finish, take_shard
from dispatcher.ledger.claims.values import Batch, Claimed, Compose, Lease, Limits

__all__ = ["Batch", "Claimed", "Compose", "Lease", "Limits", "claim", "finish", "take_shard"]
