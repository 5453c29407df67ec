"""What measures speed, memory and accuracy, each next to its reference; `make bench` runs all of it."""
