"""What every dashboard stands on."""
