"""SMS and e-mail reminders with a deadline, in the reader's own language.

Data flows one way; each module imports only from those above it:

    channels clock env_files errors failpoints i18n ledger_thread memory metrics settings untrusted
    vietnamese  sms_encoding  sealing  signed_links  starter  child_process
    sandbox
    campaign  contacts
    plan
    message
    configuration
    ledger
    kept_configuration
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
