"""Makers of files as practices send them, and as they arrive broken; all by code, from seeds."""
