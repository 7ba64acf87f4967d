"""What ``--json`` prints: a file a topic, a Document a schema. ``docs.generate.documents`` makes the page of them."""
