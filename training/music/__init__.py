"""Scores, arranged and played as people would."""
