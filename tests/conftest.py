"""How all tests run: nothing is judged by the time that it takes, because machines that test are busy with more."""

from hypothesis import HealthCheck, settings

settings.register_profile("plein", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("plein")
