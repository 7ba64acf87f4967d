"""Captures: pcap and pcapng, decoded and followed in columns. ``lastack.capture.read`` is the way in; needs numpy."""
