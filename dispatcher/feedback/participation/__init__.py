"""Who took part: from lists, from other machines, or as figures of each thôn.

`lists.take` and `machines.record` bring it in; whom a number, a mail address or a name means is decided by
`matching` for both. `figures` reads tables without names.
"""
