"""The sending path in the database: occurrences, shards, claims, results, rate limits, recovery."""
