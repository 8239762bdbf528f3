"""Who is on the lists: imports, people and their addresses, opt-outs, participation."""
