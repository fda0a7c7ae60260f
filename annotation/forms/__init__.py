"""Forms: read what a page sent, say what is wrong with it, change nothing."""
