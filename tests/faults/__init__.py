"""Faults put into child processes: full disks, refused files, kills and signals, at every place."""
