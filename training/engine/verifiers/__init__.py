"""Programs that check an answer, one file each: NAME, TITLE, HELP, and `check(completion, reference)` giving 0 to 1.

A check raises on a reference it cannot use; it never turns trouble into a zero. Needs no torch.
"""
