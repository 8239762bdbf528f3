"""What comes in: delivery reports and replies, applied to the messages they belong to."""
