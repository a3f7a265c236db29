"""The training loop, its data, losses and checkpoints."""
