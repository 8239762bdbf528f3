"""The tables, their migrations, and the way from a row to the database and back."""
