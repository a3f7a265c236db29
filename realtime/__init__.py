"""The sound path: devices, engine process, worker, recorder, file restoration. No Qt, no torch."""
