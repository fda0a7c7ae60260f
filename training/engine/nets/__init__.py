"""Models as the engine uses them: loading folders, hidden states, heads, decoding."""
