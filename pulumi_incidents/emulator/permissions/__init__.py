"""Who may do what: IAM's evaluation of policies, and who has which of them in the local AWS.

`conditions` and `policies` are pure, and `requests` has what AWS knows of each request besides.
`identities` reads the principals of moto's IAM and STS, `resources` knows what a request takes, and
`services` what AWS's services do on somebody's behalf. What was denied is in `denials`, and whether
anything is evaluated at all in `mode`.
"""
