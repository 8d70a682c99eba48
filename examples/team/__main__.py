"""A team on call: two people by day, two by night, and whoever is behind them."""

import pulumi

from pulumi_incidents.stacks import IncidentResponse, OnCall, Responder

config = pulumi.Config()
people = [
    # A phone gets a message at once, and is called after five minutes.
    Responder(name, {"sms": config.require_secret(name), "voice": config.require_secret(name)})
    for name in config.require_object("people")
]
boss = Responder("boss", {"email": config.require_secret("boss")})
team = OnCall(
    "shop",
    {
        "people": people,
        "time_zone": "Europe/Dublin",
        "rotations": {
            "days": {
                "people": ["ana", "ben"],
                "weekly": ["MON 08:00"],
                "hours": {"MON-SUN": ["08:00-20:00"]},
            },
            "nights": {
                "people": ["cy", "ana"],
                "weekly": ["MON 20:00"],
                "hours": {"MON-SUN": ["20:00-08:00"]},
            },
        },
        "behind": boss,
    },
)
response = IncidentResponse("shop", {"title": "The shop is down", "impact": 1, "on_call": team})

pulumi.export("plan_arn", response.plan_arn)
pulumi.export("rotations", team.rotation_arns)
