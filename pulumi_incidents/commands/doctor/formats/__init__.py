"""What checks found, in the formats that people and other programs read; pure."""
