"""The gate: a file that looks identifiable is refused before anything of it is read further, quoted or kept.

Columns are judged, not cells: a random ten-digit number passes the NHS check 1 time in 11, a column of them never does.
Every sheet and every column counts, used or not. What is said names places and counts, never what stands there.

`check` is the gate itself. It asks `judge` for the columns of each sheet, which looks at the heading (`headings`) and
at the cells (`contents`) of each `column`, and `beside` for what stands in no cell; `messages` says what was found. The
strays that are only warned of are replaced by `strays`. What identifiers look like: `audit/intake/identifiers.py`.
"""
