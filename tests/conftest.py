"""How all tests run: nothing is judged by the time that it takes, because machines that test are busy with more."""

import os

from hypothesis import HealthCheck, settings

# Servers and commands that tests start have what is installed; who has what is tested where it is decided.
os.environ.setdefault("PLEIN_NEW_PLUGINS", "on")

settings.register_profile("plein", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("plein")
