"""Who gets in: groups, and bringing in people from a directory."""

from authorisation.rules import Row, colleague, office

#: A viewer of the table holds no office, so these are pages of administrators here.
keeper = office("people_manager")
_GROUP = {"group": "a-group"}

SITE = {
    "GET": {
        "groups.list": Row(colleague),
        "groups.show": Row(colleague, _GROUP),
        "groups.new": Row(keeper),
        "groups.edit": Row(keeper, _GROUP),
        "groups.delete": Row(keeper, _GROUP),
    },
    "POST": {
        "groups.new": Row(keeper, form={"name": "Team"}),
        "groups.edit": Row(keeper, _GROUP, form={"name": "Team"}),
        "groups.delete": Row(keeper, _GROUP),
        "groups.add": Row(keeper, _GROUP, form={"who": "spare"}),
        "groups.remove": Row(keeper, _GROUP | {"user": "{spare}"}),
        "groups.nest": Row(keeper, _GROUP, form={"child": "another"}),
        "groups.unnest": Row(keeper, _GROUP | {"child": "another"}),
    },
}
