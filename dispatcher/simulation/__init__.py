"""Plays a campaign on a fast clock through real HTTP and SMTP on loopback, and looks at what came of it."""
