"""What pages know of methods: the committed catalogue, read without torch."""
