"""Files and folders through the same chain, and sides cut into tracks."""
