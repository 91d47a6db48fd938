"""General questions that tell what tuning made a model forget."""
