"""Tiny apps that browser tests drive."""
