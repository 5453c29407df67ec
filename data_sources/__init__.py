"""Where data comes from: tables, images, volumes, boundaries."""
