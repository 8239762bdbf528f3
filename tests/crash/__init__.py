"""The real service, killed, frozen, starved and misled; every message looked for on both sides."""
