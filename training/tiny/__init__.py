"""The tiny model: one million parameters that speak of the demo world, and the command that makes it."""
