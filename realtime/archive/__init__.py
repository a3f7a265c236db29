"""What is known of finished sound: sidecars, tags, reports, and whether all is still as it was."""
