"""What the window does: opens sound, records, and says in the banner what happened."""
