"""Other programs that do a part of the same, each in an environment of its own; none is needed to run b12audit."""
