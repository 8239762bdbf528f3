"""Bounces: delivery reports, complaints and automatic replies, classified and recorded.

`report_parser.parse_report` reads one mail, `ingestion.ingest` writes what it means into the ledger's inbox,
`files.read` and `imap.poll` are where mails come from.
"""
