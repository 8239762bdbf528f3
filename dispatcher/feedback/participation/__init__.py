"""Who took part: from lists, from other machines, or as figures of each thôn.

`list_import` and `api_reports` bring it in; whom a number, a mail address or a name means is decided by
`matching` for both. `area_table` reads tables without names.
"""
