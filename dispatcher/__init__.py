"""Reminds people, in their own language, of a thing with a deadline.

Data flows one way; each module imports only from those above it:

    clock  crossing  errors  faults  i18n  meters  settings
    vietnamese  gsm  links
    sandbox
    campaign  contacts
    plan
    message
    edition
    ledger
    gateways
    delivery
    feedback
    report
    engine
    app
    web
    service
    simulation
    cli
"""

__version__ = "0.1.0"
