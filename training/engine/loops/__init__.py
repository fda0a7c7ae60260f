"""Outer loops: generators that yield a report for each optimiser step. The session listens and does the rest."""
