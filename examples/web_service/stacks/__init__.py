"""Components of this project's own."""
