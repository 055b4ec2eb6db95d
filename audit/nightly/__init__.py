"""Unattended audits: one night at a time, nothing lost, and silence is an alarm."""
