"""Who gets in: search."""

from authorisation.rules import COMMON, Row, signed_in

SITE = {
    "GET": {
        "search": Row(signed_in, query={"q": COMMON}),
    },
}
