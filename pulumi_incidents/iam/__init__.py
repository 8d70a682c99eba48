"""IAM's evaluation of policies, pure: of the local AWS, and of whoever looks at an account.

`conditions` and `policies` are about statements, `identities` about all that limits somebody, and
`requests` about what AWS knows of a request besides.
"""
