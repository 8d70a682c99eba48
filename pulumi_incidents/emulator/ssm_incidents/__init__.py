"""Incident Manager (`ssm-incidents`, 2018-05-10), read from AWS's own model and documents."""
