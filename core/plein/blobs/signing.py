"""Addresses that let anybody fetch one object for a few seconds: Signature Version 4 in the query of a URL.

obstore signs too, but cannot say under which name the file is to be saved. The method is Amazon's: "Authenticating
Requests: Using Query Parameters (AWS Signature Version 4)".
"""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    url: str, *, region: str, key: str, secret: str, seconds: int, filename: str = "", now: datetime | None = None
) -> str:
    """*url* of an object with a signature that is good for *seconds*.

    :param filename: under which it is saved; without one the answer has the headers that it was stored with.
    """
    parts = urlsplit(url)
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if filename:
        query["response-content-disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        query["response-content-type"] = "application/octet-stream"
    asked = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
    path = quote(parts.path, safe="/-_.~")
    canonical = "\n".join(("GET", path, asked, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"))
    to_sign = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    secret_of_day = f"AWS4{secret}".encode()
    for step in (moment[:8], region, "s3", "aws4_request"):
        secret_of_day = hmac.new(secret_of_day, step.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret_of_day, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{parts.scheme}://{parts.netloc}{path}?{asked}&X-Amz-Signature={signature}"
