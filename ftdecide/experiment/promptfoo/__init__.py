"""Reading and writing promptfoo's test files."""
