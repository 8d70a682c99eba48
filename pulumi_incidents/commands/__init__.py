"""What a person runs on a live account: it is read, and nothing in it is changed."""
