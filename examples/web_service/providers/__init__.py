"""Dynamic resources of this project's own."""
