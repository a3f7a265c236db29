"""The trained detector and denoiser, built and run."""
