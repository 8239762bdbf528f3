"""Bounces: delivery reports, complaints and automatic replies, classified and recorded.

`understanding.understand` reads one mail, `taking.take_in` writes what it means into the ledger's inbox,
`files.read` and `imap.poll` are where mails come from.
"""
