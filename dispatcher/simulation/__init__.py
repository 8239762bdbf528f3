"""Simulates a campaign on a fast clock through real HTTP and SMTP on loopback."""
