"""The drill: the real service is killed again and again, then every message is looked for on both sides."""
