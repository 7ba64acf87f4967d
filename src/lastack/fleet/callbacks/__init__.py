"""What Ansible loads from us: this folder is a place of callback plugins."""
