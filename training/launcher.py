"""Starts, watches and stops one engine process. Standard library only."""
