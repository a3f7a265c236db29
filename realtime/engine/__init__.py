"""The process that carries sound from device to device, and the hold that others have on it."""
