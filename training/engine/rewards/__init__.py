"""Where rewards come from: reward models, verifiers, and their weighted sum. A reward that raises stops the run."""
