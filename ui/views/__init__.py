"""The pictures of the sound: waveform, spectrogram, levels, impulses."""
