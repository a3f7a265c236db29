"""Clean music made into a worn 78, with the truth beside it."""
