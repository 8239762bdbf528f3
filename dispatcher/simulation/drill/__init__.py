"""The drill: kills the real service again and again, then looks for every message on both sides."""
