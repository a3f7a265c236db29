"""The restoration itself: detection, repair, denoising. Pure arrays in and out, any thread."""
