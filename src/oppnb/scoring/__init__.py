"""How likely is a deal to be won, by when, why, how sure is that, and was it right before."""
