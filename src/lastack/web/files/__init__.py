"""What a browser is sent as it is: style, script, icon."""
