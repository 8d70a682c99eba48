"""On-call (`ssm-contacts`, 2021-05-03), read from AWS's own model and documents."""
