"""Floor 0: what everything stands on and nothing else: errors, names, trees, dtypes, settings, context."""
