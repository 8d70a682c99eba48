"""What is read at AWS, a subject each, with as few calls as its APIs allow."""
