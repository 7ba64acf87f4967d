"""What holds for all tests."""

from hypothesis import settings

# A machine that does something else for a while is no fault of what is tested.
settings.register_profile("lastack", deadline=None)
settings.load_profile("lastack")
