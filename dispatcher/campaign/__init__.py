"""Campaigns: what schedules.toml says, read with every mistake named at its line, as frozen values."""
