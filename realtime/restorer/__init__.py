"""The chain for streams of any block length, rate and record, and the networks it works with."""
