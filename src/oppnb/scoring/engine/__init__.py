"""What the boosted models are made of: bins, tables that add up, hazards over lead bins, paths, bags."""
