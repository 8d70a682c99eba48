"""What every AWS service does the same, by its own model: a request in, an answer out.

`service` says what a service is made of, `responses` answers a request to it. Requests are found
by `routing`, read by `requests` and checked by `validation`; `backend` calls an operation once for
a client token; `listing` makes pages, `history` lets lists lag behind, `errors` has the errors that
belong to no model. `needs` are the words in which a service says what a request takes.
"""
