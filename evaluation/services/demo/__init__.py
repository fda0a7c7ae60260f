"""The demo: a project with people, pairs to label, simulated judgments, a snapshot, a model and its first runs.

Every step looks whether its work is there already, so that loading twice, or after being killed, changes nothing.
"""

from evaluation.services.demo.loading import load

__all__ = ["load"]
