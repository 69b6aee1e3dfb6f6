"""Who gets in: plugins that are shipped, beyond what their types of content get."""

from authorisation.rules import EDITORS, Row, of_item, signed_in

SITE = {
    "GET": {
        "hello.page": Row(signed_in),
    },
}

SPACE = {
    "GET": {
        "wiki.place": Row(of_item(*EDITORS)),
    },
    "POST": {
        "wiki.place": Row(of_item(*EDITORS)),
    },
}
