"""What comes back from the world, taken into the ledger: receipts, replies, doubts settled, who took part."""
