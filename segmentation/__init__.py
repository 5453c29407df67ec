"""Trainable segmentation: features, strokes, classifier, contours, models."""
