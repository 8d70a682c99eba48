"""What every AWS service does the same, by its own model: a request in, an answer out."""
