"""The vocabulary methods are written in: pure functions on tensors, one quantity each."""
