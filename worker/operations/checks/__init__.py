"""What ptm doctor looks at: a module for each concern, that looks, and says what it makes of it."""
