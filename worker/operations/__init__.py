"""What an operator may see and do: the only door of the command line and the console."""
