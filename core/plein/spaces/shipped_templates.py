"""The templates of spaces that Plein brings: for a team, a project, and a network of people who share a subject.

They are data. An administrator who changes one stores a row under the same key, which takes its place.
"""

from typing import Any

SHIPPED: dict[str, dict[str, dict[str, Any]]] = {
    "team": {
        "nl": {
            "name": "Team",
            "description": "Voor mensen die elke dag samenwerken: afspraken, overleg en wie wat doet.",
            "purpose": "De plek van ons team: wat we doen en wat we hebben afgesproken.",
            "welcome": "Fijn dat je er bent. Lees eerst **Onze afspraken**, en zet jezelf bij **Wie doet wat**.",
            "pages": [
                (
                    "Onze afspraken",
                    "## Overleg\n\nWanneer, waar en hoe lang.\n\n## Bereikbaar\n\nHoe en wanneer je elkaar vindt.",
                ),
                ("Wie doet wat", "| Onderwerp | Wie | Vervanging |\n|---|---|---|\n| … | … | … |"),
            ],
        },
        "en": {
            "name": "Team",
            "description": "For people who work together each day: agreements, meetings and who does what.",
            "purpose": "The place of our team: what we do and what we agreed.",
            "welcome": "Good that you are here. Read **Our agreements** first, and add yourself to **Who does what**.",
            "pages": [
                (
                    "Our agreements",
                    "## Meetings\n\nWhen, where and how long.\n\n## Reaching one another\n\nHow, and when not.",
                ),
                ("Who does what", "| Subject | Who | Stands in |\n|---|---|---|\n| … | … | … |"),
            ],
        },
    },
    "project": {
        "nl": {
            "name": "Project",
            "description": "Voor werk met een begin en een einde: opdracht, planning en besluiten.",
            "purpose": "Wat we maken, voor wie, en wanneer het klaar is.",
            "access": "closed",
            "welcome": "Welkom in het project. Begin bij **De opdracht**; wat besloten is, staat in **Besluiten**.",
            "pages": [
                ("De opdracht", "## Wat\n\n## Waarom\n\n## Wanneer is het klaar"),
                ("Planning", "| Wat | Wie | Wanneer |\n|---|---|---|\n| … | … | … |"),
                ("Besluiten", "| Datum | Besluit | Wie |\n|---|---|---|\n| … | … | … |"),
            ],
        },
        "en": {
            "name": "Project",
            "description": "For work with a beginning and an end: the assignment, the planning and the decisions.",
            "purpose": "What we make, for whom, and when it is done.",
            "access": "closed",
            "welcome": "Welcome to the project. Begin with **The assignment**; decisions are in **Decisions**.",
            "pages": [
                ("The assignment", "## What\n\n## Why\n\n## When is it done"),
                ("Planning", "| What | Who | When |\n|---|---|---|\n| … | … | … |"),
                ("Decisions", "| Date | Decision | Who |\n|---|---|---|\n| … | … | … |"),
            ],
        },
    },
    "network": {
        "nl": {
            "name": "Kennisnetwerk",
            "description": "Voor mensen van verschillende afdelingen die een onderwerp delen.",
            "purpose": "Wat we weten over ons onderwerp, voor iedereen te vinden.",
            "welcome": "Iedereen mag hier lezen en meedoen. Vertel op **Wie weet wat** waar je veel van weet.",
            "pages": [
                ("Wie weet wat", "| Wie | Weet veel van |\n|---|---|\n| … | … |"),
                ("Bronnen", "Wetten, handreikingen en sites die we vaak gebruiken, met een zin erbij."),
            ],
        },
        "en": {
            "name": "Knowledge network",
            "description": "For people of several departments who share a subject.",
            "purpose": "What we know about our subject, for everybody to find.",
            "welcome": "Everybody may read here and join in. Say in **Who knows what** what you know much about.",
            "pages": [
                ("Who knows what", "| Who | Knows much about |\n|---|---|\n| … | … |"),
                ("Sources", "Laws, guides and sites that we use often, with a sentence on each."),
            ],
        },
    },
}

#: What starter pages of shipped templates are.
PAGE_TYPE = "wiki.page"
