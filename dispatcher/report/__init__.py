"""Figures for people, made from the ledger: digests, status, forecasts, exports."""
