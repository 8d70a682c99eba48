"""Would it work tonight? What is wrong with an account's incident response, and how to mend it."""
