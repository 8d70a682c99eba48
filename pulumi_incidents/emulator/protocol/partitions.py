"""The partitions of AWS, for services that are global in theirs."""

from __future__ import annotations

from moto.utilities.utils import get_partition

# Those that the patterns of Incident Manager's ARNs know.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def partition_of(region: str) -> str:
    """Return the partition that a region is of; `aws` for what those ARNs do not know."""
    partition = get_partition(region)
    return partition if partition in PARTITIONS else "aws"
