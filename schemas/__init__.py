"""The contracts of every table that crosses a door: canonical tables in, published tables out.

`vocabulary` holds the words a field may take; `canonical` and `outputs` hold the pandera contracts.
Nothing here knows the package `audit`.
"""
