"""Erasing a person, and the end of keeping."""
