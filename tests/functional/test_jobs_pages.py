"""The page of work in the background, what administrators are told of it, and the commands."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.db import utcnow
from plein.jobs import enqueue
from plein.jobs.models import QueuedJob
from plein.mail import send


@pytest.fixture
def admin(make_user, as_user):
    return as_user(make_user("baas", is_admin=True))


def give_up(db, name: str = "jobs.clean", error: str = "OSError: <b>the server</b> is away") -> int:
    number = enqueue(db, name)
    db.execute(update(QueuedJob).where(QueuedJob.id == number).values(state="failed", error=error, attempts=8))
    db.commit()
    return number


def test_administrator_sees_what_was_given_up_and_has_it_tried_again(db, admin, run_jobs):
    number = give_up(db)
    page = admin.get("/admin/jobs?state=failed")
    assert "&lt;b&gt;the server&lt;/b&gt; is away" in page
    next(form for form in page.forms.values() if form.action.endswith(f"/{number}/retry")).submit(status=303)
    run_jobs()
    assert db.scalar(select(QueuedJob.state).where(QueuedJob.id == number)) == "done"
    entry = db.scalar(select(AuditEntry).where(AuditEntry.action == "job.retried"))
    assert (entry.object_id, entry.details) == (str(number), {"name": "jobs.clean"})


def test_job_that_was_not_given_up_cannot_be_tried_again(db, admin):
    number = enqueue(db, "jobs.clean", run_at=utcnow())
    db.commit()
    token = admin.get("/admin/jobs").html.find("meta", attrs={"name": "csrf-token"})["content"]
    admin.post(f"/admin/jobs/{number}/retry", {"csrf_token": token}, status=404)


def test_strange_values_of_the_list_are_no_error(admin):
    admin.get("/admin/jobs?state=x&before=x", status=200)
    admin.get("/admin/jobs?before=99999999999999999999999", status=200)


def test_overview_tells_of_given_up_work_and_of_mail_that_is_not_set_up(db, admin):
    assert "Plein cannot send mail" in admin.get("/admin")
    give_up(db)
    assert "Work in the background was given up: 1" in admin.get("/admin")


def test_overview_tells_of_mail_that_does_not_leave(db, settings_values, request):
    settings_values |= {"plein.smtp_host": "localhost", "plein.smtp_port": "1", "plein.mail_from": "plein@example.nl"}
    admin = request.getfixturevalue("admin")
    send(db, to="anna@example.nl", subject="x", template="plein:templates/mail/test.pt")
    db.commit()
    assert "could not be sent" not in admin.get("/admin")
    request.getfixturevalue("run_jobs")()
    page = admin.get("/admin")
    assert "Mail that could not be sent: 1" in page
    assert "refused" in page


def test_overview_tells_of_work_that_nobody_does(db, admin):
    number = enqueue(db, "jobs.clean")
    db.execute(update(QueuedJob).where(QueuedJob.id == number).values(run_at=utcnow().replace(year=2020)))
    db.commit()
    assert "Work in the background is not done: 1" in admin.get("/admin")


@pytest.fixture
def plein(database_url, settings_values, tmp_path):
    """``plein("jobs", "list")``: the command on this site."""
    config = tmp_path / "site.ini"
    lines = "\n".join(f"{name} = {value.replace('%', '%%')}" for name, value in settings_values.items())
    config.write_text(f"[app:main]\nuse = egg:plein\n{lines}\n", encoding="utf-8")

    def run(*arguments: str):
        return CliRunner().invoke(cli, ["-c", str(config), *arguments])

    return run


def test_commands_list_run_and_retry(db, plein):
    number = give_up(db, error="it broke")
    listed = plein("jobs", "list", "--state", "failed").output
    assert str(number) in listed
    assert "it broke" in listed
    assert plein("jobs", "retry", str(number)).exit_code == 0
    assert plein("jobs", "retry", str(number)).exit_code == 1
    assert plein("jobs", "run", "nothing.such").exit_code == 1
    assert plein("jobs", "run", "jobs.clean").exit_code == 0
    assert plein("worker", "--once").output.splitlines()[-1].startswith("Done: ")
    assert db.scalars(select(QueuedJob.id).where(QueuedJob.state != "done")).all() == []


def test_command_says_why_mail_does_not_leave(plein):
    assert "not set up" in plein("mail", "test", "anna@example.nl").output


def test_arguments_of_done_work_are_gone_from_the_database(db, run_jobs):
    send(db, to="anna@example.nl", subject="Geheim", template="plein:templates/mail/test.pt")
    number = enqueue(db, "jobs.clean")
    db.commit()
    run_jobs()
    assert json.dumps(db.scalar(select(QueuedJob.arguments).where(QueuedJob.id == number))) == "{}"
