"""What opens beside the window: devices, and the record with groove, curve and label."""
