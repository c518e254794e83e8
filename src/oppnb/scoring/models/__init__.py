"""Models of P(won): baselines, the ladder of simple models, and the boosted ones."""
