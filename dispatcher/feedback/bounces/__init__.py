"""What comes back by mail: delivery reports, complaints and answers of machines, told apart and taken in.

`understanding.understand` reads one mail, `taking.take_in` writes what it means into the ledger's inbox,
`files.read` and `imap.poll` are where mails come from.
"""
