"""From the bytes of an export to canonical tables and findings."""
