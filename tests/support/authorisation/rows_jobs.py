"""Who gets in: work for later."""

from authorisation.rules import Row, admin

SITE = {
    "GET": {"admin.jobs": Row(admin)},
    "POST": {"admin.jobs.retry": Row(admin, {"id": "1"})},
}
