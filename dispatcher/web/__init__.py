"""The web application: pages for organisers and residents, the API, and what providers call."""
