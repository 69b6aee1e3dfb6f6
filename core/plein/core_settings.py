"""The settings of the core, and what may be their values. What reads them is in :mod:`plein.settings`."""

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from plein.contributions import Setting
from plein.core_page_settings import PAGE_SETTINGS


def _check_database(url: str) -> None:
    backend = url.partition(":")[0].partition("+")[0]
    if "://" not in url or backend not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("must start with sqlite:/// or postgresql://")


def _check_broker(value: str) -> None:
    if value != "database" and not value.startswith(("redis://", "rediss://", "valkey://")):
        raise ValueError("must be database, or the address of a Redis or Valkey such as redis://host:6379/0")


def _check_mail(value: str) -> None:
    if value and not re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", value):
        raise ValueError("must be one mail address such as plein@example.nl")


def _check_base_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    else:
        usable = usable and not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if not usable:
        raise ValueError(f"must be http:// or https:// with a host and nothing behind it, not {url!r}")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"must be a time zone such as Europe/Amsterdam, not {name!r}") from None


def _check_header(name: str) -> None:
    if name and not re.fullmatch(r"X(-[A-Za-z0-9]+)+", name):
        raise ValueError(f"must be a header of its own such as X-Remote-User, letters and hyphens only, not {name!r}")
    if name.lower().startswith("x-forwarded"):
        raise ValueError("must be another header: X-Forwarded-… says where a request came from, not from whom")


def _check_peers(peers: Iterable[str]) -> None:
    for peer in peers:
        try:
            known = peer == "unix" or bool(ipaddress.ip_network(peer, strict=False))
        except ValueError:
            known = False
        if not known:
            raise ValueError(
                f"must hold addresses such as 10.0.0.5, networks such as 10.0.0.0/24, or unix, not {peer!r}"
            )


def _check_store(value: str) -> None:
    if value != "local" and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", value):
        raise ValueError(f"must be local, or s3://bucket or s3://bucket/prefix, not {value!r}")


def _check_endpoint(url: str) -> None:
    if url:
        _check_base_url(url)


def _check_scanner(value: str) -> None:
    if value and not value.startswith("/") and not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}", value):
        raise ValueError(f"must be the full path of a socket, or host:port such as 127.0.0.1:3310, not {value!r}")


def _check_path(path: str) -> None:
    if path and not path.startswith("/"):
        raise ValueError(f"must be a full path such as /srv/plein/people.csv, not {path!r}")


def _check_addresses(addresses: Iterable[str]) -> None:
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ValueError(f"must hold IP addresses such as 10.0.0.5, not {address!r}") from None


#: The settings of the core, in the order in which an administrator meets them.
CORE_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "plein.database_url",
        str,
        "sqlite:///var/plein.sqlite",
        "The database: sqlite:///path or postgresql://user:password@host/name.",
        secret=True,
        check=_check_database,
    ),
    Setting(
        "plein.secret",
        str,
        "",
        "Random text that signs cookies and forms; the same on every host. `plein init` makes one.",
        secret=True,
        minimum=32,
    ),
    Setting(
        "plein.base_url",
        str,
        "http://127.0.0.1:6543",
        "The address people use. A request for another host is refused.",
        check=_check_base_url,
    ),
    *PAGE_SETTINGS,
    Setting(
        "plein.default_locale",
        str,
        "nl",
        "The language for whoever has not chosen one.",
        choices=("nl", "en"),
    ),
    Setting(
        "plein.time_zone",
        str,
        "Europe/Amsterdam",
        "The time zone in which dates and times are shown.",
        check=_check_time_zone,
    ),
    Setting("plein.files_dir", Path, Path("var/files"), "The folder for attachments."),
    Setting(
        "plein.files_store",
        str,
        "local",
        "Where files are kept: local (in that folder), or s3://bucket/prefix in S3 or what speaks its language.",
        check=_check_store,
    ),
    Setting(
        "plein.s3_endpoint",
        str,
        "",
        "The address of the S3 server, such as https://s3.example.nl. Empty: Amazon's own.",
        check=_check_endpoint,
    ),
    Setting("plein.s3_region", str, "eu-central-1", "The region of the bucket; us-east-1 where the server has none."),
    Setting("plein.s3_key", str, "", "The access key for S3."),
    Setting("plein.s3_secret", str, "", "The secret that belongs to that key.", secret=True),
    Setting(
        "plein.files_signed_urls",
        bool,
        False,
        "Let browsers fetch downloads from S3 itself, by addresses that work for a minute. Rights are checked before.",
    ),
    Setting("plein.max_upload_mb", int, 100, "The largest file that may be added, in MB.", minimum=1, maximum=20_000),
    Setting(
        "plein.files_keep_days",
        int,
        30,
        "Days that a removed file stays, and then its bytes: a backup of the database may still name them.",
        minimum=1,
        maximum=3650,
    ),
    Setting(
        "plein.files_site_gb", int, 0, "Room for the files of the whole site, in GB; 0 for no limit.", maximum=1_000_000
    ),
    Setting("plein.files_space_mb", int, 0, "Room for the files of one space, in MB; 0 for no limit.", maximum=10**9),
    Setting(
        "plein.pdf_inline", bool, False, "Show PDF files in the browser, without any rights, and not only save them."
    ),
    Setting(
        "plein.clamav_socket",
        str,
        "",
        "Where ClamAV listens: the path of its socket, or host:port. Empty: files are not searched for viruses.",
        check=_check_scanner,
    ),
    Setting(
        "plein.clamav_required",
        bool,
        False,
        "Take no file while ClamAV does not answer. Otherwise such files are searched later.",
    ),
    Setting("plein.cache_dir", Path, Path("var/cache"), "The folder for compiled templates; may be emptied."),
    Setting(
        "plein.audit_days",
        int,
        1095,
        "Days that the audit log is kept; what is older is removed every day.",
        minimum=90,
        maximum=3650,
    ),
    Setting(
        "plein.session_idle_hours",
        int,
        8,
        "Hours without a request after which somebody must sign in again.",
        minimum=1,
        maximum=720,
    ),
    Setting(
        "plein.session_absolute_hours",
        int,
        12,
        "Hours after which somebody must sign in again in any case.",
        minimum=1,
        maximum=720,
    ),
    Setting(
        "plein.sso_session_idle_hours",
        int,
        24,
        "Likewise without a request, where the way of signing in needs no asking (single sign-on).",
        minimum=1,
        maximum=720,
    ),
    Setting(
        "plein.sso_session_absolute_hours",
        int,
        168,
        "Likewise in any case, where the way of signing in needs no asking (single sign-on).",
        minimum=1,
        maximum=720,
    ),
    Setting(
        "plein.confirm_minutes",
        int,
        15,
        "Minutes after which an act of administration asks again whether it is still you.",
        minimum=1,
        maximum=720,
    ),
    Setting(
        "plein.password_words",
        list,
        (),
        "Words that make no password here, whatever digits are around them: the organisation, its town, its products.",
    ),
    Setting(
        "plein.reset_limit",
        int,
        5,
        "Links to choose another password, per account and per address, in a day.",
        minimum=1,
        maximum=10_000,
    ),
    Setting(
        "plein.local_only_logins",
        list,
        ("admin",),
        "Accounts that sign in with their password only, whatever a provider says: a way in when single sign-on fails.",
    ),
    Setting(
        "plein.directory_fields",
        list,
        (),
        "Parts of a profile that people do not fill in themselves, because a directory does: pronouns, function, "
        "department, location, phone, manager.",
    ),
    Setting(
        "plein.guest_longest_days",
        int,
        365,
        "The longest time that the account of a guest works before it is extended again, in days.",
        minimum=1,
        maximum=366,
    ),
    Setting(
        "plein.sign_in_limit",
        int,
        10,
        "Attempts to sign in, per account and per address, in five minutes.",
        minimum=1,
        maximum=10_000,
    ),
    Setting(
        "plein.second_factor",
        str,
        "administrators",
        "Who must have a second factor (an app with codes, or a passkey): administrators and holders of offices, "
        "everyone, or nobody (optional). Without it administrators have no rights beyond those of a colleague.",
        choices=("administrators", "everyone", "optional"),
    ),
    Setting(
        "plein.second_factor_limit",
        int,
        5,
        "Attempts at a second factor, per account, in five minutes.",
        minimum=1,
        maximum=1_000,
    ),
    Setting(
        "plein.second_factor_day_limit",
        int,
        50,
        "Wrong attempts at a second factor, per account, in a day.",
        minimum=1,
        maximum=10_000,
    ),
    Setting("plein.write_limit", int, 60, "Changes that one person may make in a minute.", minimum=1, maximum=100_000),
    Setting("plein.search_limit", int, 60, "Searches that one person may do in a minute.", minimum=1, maximum=100_000),
    Setting(
        "plein.invitation_limit",
        int,
        50,
        "Invitations that one person may send in an hour.",
        minimum=1,
        maximum=100_000,
    ),
    Setting(
        "plein.report_limit",
        int,
        20,
        "Times in an hour that one person may report that something is out of date.",
        minimum=1,
        maximum=100_000,
    ),
    Setting("plein.upload_limit", int, 100, "Files that one person may upload in an hour.", minimum=1, maximum=100_000),
    Setting("plein.max_body_mb", int, 25, "The largest request that is accepted, in MB.", minimum=1, maximum=2_000),
    Setting("plein.max_markdown_kb", int, 256, "The longest text of one item, in KB.", minimum=1, maximum=4_096),
    Setting("plein.unsaved_days", int, 30, "Days that a text is kept that was not saved.", minimum=1, maximum=365),
    Setting(
        "plein.media_hosts",
        list,
        ("youtube.com", "www.youtube.com", "youtu.be", "vimeo.com"),
        "Sites whose films show as a card with a link. Never in a frame: nobody's reading is told to another site.",
    ),
    Setting(
        "plein.max_image_megapixels",
        int,
        40,
        "The largest picture that is shown in a page, in millions of pixels.",
        minimum=1,
        maximum=200,
    ),
    Setting(
        "plein.trusted_proxies",
        list,
        (),
        "IP addresses of the proxies in front, whose X-Forwarded headers are believed.",
        check=_check_addresses,
    ),
    Setting(
        "plein.sign_in_form",
        str,
        "shown",
        "Name and password on the page to sign in, where there are other ways: shown, or folded behind a link.",
        choices=("shown", "folded"),
    ),
    Setting(
        "plein.remote_user_header",
        str,
        "",
        "The header in which a proxy says who somebody is (Kerberos), such as X-Remote-User. Empty: none is believed.",
        check=_check_header,
    ),
    Setting(
        "plein.remote_user_proxies",
        list,
        (),
        "Whose word that header is: addresses or networks of proxies, or unix for whoever reaches the socket file.",
        check=_check_peers,
    ),
    Setting(
        "plein.remote_user_realms",
        list,
        (),
        "Realms and domains that are left off: EXAMPLE.NL makes anna@EXAMPLE.NL anna, and other realms are refused.",
    ),
    Setting(
        "plein.remote_user_creates", bool, False, "Make an account for whom the proxy names and Plein does not know."
    ),
    Setting(
        "plein.remote_user_links", bool, True, "Whom the proxy names gets the account that has the same login already."
    ),
    Setting(
        "plein.directory_csv",
        str,
        "",
        "The full path of a CSV file with all people, read again and again: who is missing has left. Empty: none.",
        check=_check_path,
    ),
    Setting(
        "plein.directory_groups_csv",
        str,
        "",
        "The full path of a CSV file with all groups, read before that with people.",
        check=_check_path,
    ),
    Setting("plein.directory_hours", int, 24, "Hours between reading these files.", minimum=1, maximum=720),
    Setting(
        "plein.deactivation_limit_percent",
        int,
        10,
        "Of the accounts that a directory keeps, how many percent one reading may close; the same for emptied groups.",
        minimum=0,
        maximum=100,
    ),
    Setting(
        "plein.jobs_in_serve", bool, True, "Do work for later beside the pages; false where `plein worker` does it."
    ),
    Setting(
        "plein.jobs_broker",
        str,
        "database",
        "What tells workers of new work: database, or the address of a Redis or Valkey, redis://host:6379/0.",
        secret=True,
        check=_check_broker,
    ),
    Setting(
        "plein.job_workers",
        int,
        2,
        "How many pieces of quick work a process does at a time; slow work has one place beside them.",
        minimum=1,
        maximum=32,
    ),
    Setting("plein.smtp_host", str, "", "The mail server. Empty: no mail is sent."),
    Setting("plein.smtp_port", int, 587, "Its port: 587 for starttls, 465 for tls.", minimum=1, maximum=65_535),
    Setting("plein.smtp_user", str, "", "The name to sign in with at the mail server; empty where it asks for none."),
    Setting("plein.smtp_password", str, "", "The password to sign in with at the mail server.", secret=True),
    Setting(
        "plein.smtp_tls",
        str,
        "starttls",
        "How mail travels to the mail server; off only where that is on this machine. Its certificate is checked.",
        choices=("starttls", "tls", "off"),
    ),
    Setting(
        "plein.mail_from", str, "", "The address that mail comes from, such as plein@example.nl.", check=_check_mail
    ),
    Setting("plein.mail_titles", bool, True, "Whether mail about what happened names pages and spaces."),
    Setting(
        "plein.keep_notifications_days", int, 90, "Days that what was read stays in inboxes.", minimum=1, maximum=3650
    ),
    Setting("plein.keep_events_days", int, 30, "Days that is kept what people were told of.", minimum=1, maximum=365),
    Setting("plein.check_links", bool, False, "Ask other sites each week whether pages that texts link to are there."),
    Setting("plein.plugins_off", list, (), "Names of installed plugins that are not loaded. Their data stays."),
    Setting("plein.safe_mode", bool, False, "Load no plugin at all, to find out whether one of them is the trouble."),
)
