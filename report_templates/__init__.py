"""Templates and style of the report; no code."""
