"""Is all well? What a maintainer would ask, and five seconds of the real engine."""
