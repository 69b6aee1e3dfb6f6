"""A password that tests know, and argon2 as quick as it can be.

Hashing takes a tenth of a second and 64 MiB on purpose, and pages are asked to sign somebody in hundreds of times. That
the site itself takes its time is what ``tests/unit/test_passwords.py`` looks at.
"""

from argon2 import PasswordHasher

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

PASSWORD = "paard lamp rivier"
PASSWORD_HASH = QUICK.hash(PASSWORD)
