"""Twilio: texts by its REST API, receipts and replies by its webhooks."""
