"""A model as metrics for Prometheus, with rules and a dashboard for them."""
