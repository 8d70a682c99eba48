"""A local AWS: Incident Manager, which no other emulator has, beside the services moto has.

`python -m pulumi_incidents.emulator` serves both from one address on 127.0.0.1.
"""
