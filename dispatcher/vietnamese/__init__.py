"""How Vietnamese is written: text, old encodings, names, dates and telephone numbers.

Order for a cell of a list: `encodings.repair` first (the soft hyphen it may hold is TCVN3's letter ư),
then `text.clean`, then `names.read` or `phone.read`.
"""
