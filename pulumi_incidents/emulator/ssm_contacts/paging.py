"""Pages of the List operations, as the contacts API spells them."""

from __future__ import annotations

from pulumi_incidents.emulator.protocol.listing import Pages

page = Pages("NextToken", "MaxResults", most=100).page
