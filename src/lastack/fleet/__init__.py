"""Many hosts at once: the doctor's questions, put to what their exporters told Prometheus."""
