"""The numbers, made from the ledger for people: digests, status, the life of an address, the proof."""
