"""What one sees: a screen a file."""
