"""Exports of clinical systems in several lists: what each list is, how it is read, which lists are one practice."""
