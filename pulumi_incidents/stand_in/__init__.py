"""A stand-in for the official pulumi-aws plugin, for the local stack and for tests only.

The engine takes the executable `pulumi-resource-aws` that it finds on PATH (`bin/` here). This one
knows the few types that the components use and makes them with boto3 at a local AWS.
"""
