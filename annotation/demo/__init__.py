"""The demo world: an allotment, its questions, replies of known quality, and people of known taste.

Pure (no Django, no torch): the loader, the tiny model's maker, the tests and the figures all draw from it.
"""
