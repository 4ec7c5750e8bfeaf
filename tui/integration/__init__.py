"""What the screen of one integration is made of."""
