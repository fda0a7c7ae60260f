"""Statistics that tell whom and what to trust in the data. Pure: neither Django nor torch."""
