"""Named variations of an algorithm: other settings, another reference rule, another source of reward. One file each."""
