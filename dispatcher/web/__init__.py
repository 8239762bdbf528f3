"""The web application: pages for staff and residents, the API, and the providers' webhooks."""
