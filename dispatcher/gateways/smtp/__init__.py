"""SMTP: mails over kept connections, pipelined where the server offers it."""
