"""Seeds: people, rotations and plans that are there from the start, by names in place of ARNs.

A seed is JSON: `Contacts`, `Rotations` and `ResponsePlans`, each a list of what CreateContact,
CreateRotation and CreateResponsePlan take. A contact may have `Channels` besides, a list of what
CreateContactChannel takes, and a channel `Activated`. Where the API wants the ARN of a contact, of
a channel of the same contact or of a rotation, a seed has its alias or name, or the ARN of what is
there already. A time is of ISO 8601 with a zone, or in epoch seconds.

`POST /_local/seed` with a seed makes all of it, or nothing, and answers the ARNs by those names.
"""
