"""What is wrong with what was read, a subject each; pure."""
