"""What the screens of replays are made of."""
