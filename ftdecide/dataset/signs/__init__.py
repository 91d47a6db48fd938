"""Signs of trouble in a data set, each a small class that looks at one example after another."""
