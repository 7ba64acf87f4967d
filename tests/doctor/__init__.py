"""Every rule: sick, healthy, cannot tell."""
