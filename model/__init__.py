"""The restoration itself: detection, repair, denoising. Pure arrays in and out, any thread."""

import os

# ONNX Runtime reports what it does to its makers, and writes an ID of the machine for that. Read
# when its library is loaded, so it is set before anything of ours can load it, in every process.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
