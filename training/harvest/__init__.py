"""Real clicks taken out of real records: found, kept in banks, and reported."""
