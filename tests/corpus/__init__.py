"""Nasty list files, made at test time from code, each with the account a careful clerk would give of it."""
