"""Who may do what: who has which policies in the local AWS, which `iam` evaluates.

`identities` reads the principals of moto's IAM and STS, `requests` has the time of each request,
`resources` knows what a request takes, and `services` what AWS's services do on somebody's behalf.
What was denied is in `denials`, and whether anything is evaluated at all in `mode`.
"""
