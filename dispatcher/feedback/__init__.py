"""What comes back: receipts, replies, bounces, participation, lookups of what is in doubt."""
