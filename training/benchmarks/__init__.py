"""Who is measured, ours and others, on which clips, and the tables that come of it."""
