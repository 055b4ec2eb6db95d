"""The commands: one file for each, light to import; what is heavy waits until a command needs it."""
