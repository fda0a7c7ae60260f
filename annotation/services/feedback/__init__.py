"""Jobs that models do for us: asked for in a request, run by a worker, resumable after every answer.

`jobs` makes, cancels and retries them; `running` is what a worker does; a file each for the kinds of job says how its
rows become questions and what is made of the answers.
"""
