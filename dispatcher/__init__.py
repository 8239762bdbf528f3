"""Reminds people, in their own language, of a thing with a deadline.

Data flows one way; each module imports only from those above it:

    clock  errors  i18n  settings  vietnamese  gsm  links
    campaign  contacts
    plan
    message
    ledger
    gateways
    delivery
    feedback
    report
    engine
    app
    cli  web
    sandbox
"""

__version__ = "0.1.0"
