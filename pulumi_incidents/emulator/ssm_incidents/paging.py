"""Pages of Incident Manager's List operations, as its API spells them."""

from __future__ import annotations

from pulumi_incidents.emulator.protocol.listing import Pages

page = Pages("nextToken", "maxResults", most=100).page
