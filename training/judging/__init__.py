"""How good a restoration is, where the truth is known and where it is not."""
