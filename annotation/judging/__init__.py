"""Feedback of models: what is asked of a judge, how its answer is read, and what its answers are worth. Pure.

A *script* (critique and revision, deliberation, debate, a comparison) says what to ask next, given what was answered
so far, and when it is over; it is a function of rows, so that a killed job goes on where it was. A *speaker* answers:
a checkpoint here, an endpoint, or a rule. Neither knows the other.
"""
