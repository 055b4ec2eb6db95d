"""From canonical tables to what a criterion may look at: doses, courses and intervals, in columns."""
