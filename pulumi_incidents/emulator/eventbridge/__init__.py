"""EventBridge, where moto's decides otherwise than AWS whether a rule matches an event."""
