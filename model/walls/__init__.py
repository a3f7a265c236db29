"""The two walls of a groove: brought together, compared, and made into one sound."""
