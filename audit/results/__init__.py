"""From criteria's answers to verdicts, scores, patterns and sentences."""
