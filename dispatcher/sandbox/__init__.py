"""A Twilio-compatible server and an SMTP server on loopback, for the demo, the simulation and the tests."""
