"""What a team knows about one use case before it decides."""
