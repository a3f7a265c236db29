"""What is known of a record's hiss, and the gains that follow from it."""
