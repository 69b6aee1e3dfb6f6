"""Sixty questions about the Algoritmekader, in the words of people who look for something, and the pages they mean.

Written by reading the pages: as synonyms, other forms of words, compounds, typos and whole questions, in Dutch and
English. Every third one is held out: nothing in the ranking was chosen by how these do.
"""

_V, _M, _H = (
    "voldoen-aan-wetten-en-regels/vereisten/",
    "voldoen-aan-wetten-en-regels/maatregelen/",
    ("voldoen-aan-wetten-en-regels/hulpmiddelen/"),
)

#: A question, and the pages that answer it.
QUERIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "algoritmeregister",
        (_H + "algoritmeregister", _V + "bzk-01-algoritmeregister", _M + "6-imp-04-publiceren-algoritmeregister"),
    ),
    (
        "hoe publiceer ik een algoritme in het register",
        (_M + "6-imp-04-publiceren-algoritmeregister", _H + "algoritmeregister"),
    ),
    ("dpia", (_H + "DPIA", _V + "avg-13-dpia-verplicht")),
    ("gegevensbeschermingseffectbeoordeling", (_V + "avg-13-dpia-verplicht", _H + "DPIA")),
    ("wanneer is een DPIA verplicht?", (_V + "avg-13-dpia-verplicht",)),
    ("wachtwoorden", (_M + "0-org-13-wachtwoordbeheer",)),
    ("password policy wachtwoord", (_M + "0-org-13-wachtwoordbeheer",)),
    ("backup", (_M + "7-mon-01-backups-maken",)),
    ("reservekopie maken van algoritme back-up", (_M + "7-mon-01-backups-maken",)),
    (
        "ai geletterdheid medewerkers",
        (
            _V + "aia-01-ai-geletterdheid",
            _H + "wettelijke-vereisten-AI-geletterdheid",
            _H + "AI-Geletterdheid-self-assessment",
            _H + "blauwdruk-template-AI-geletterdheidsprogramma",
        ),
    ),
    (
        "opleiding personeel risico's algoritmes",
        (_M + "0-org-16-bewustwording-en-opleiding", _V + "aia-01-ai-geletterdheid"),
    ),
    ("mensenrechten toets", (_H + "IAMA", _V + "grw-01-fundamentele-rechten")),
    ("iama", (_H + "IAMA",)),
    ("grondrechten afwegen", (_M + "2-owp-07-afwegen-grondrechten", _V + "grw-01-fundamentele-rechten")),
    ("verboden ai", (_V + "aia-00-verboden-AI-praktijken",)),
    ("welke AI mag niet gebruikt worden", (_V + "aia-00-verboden-AI-praktijken",)),
    (
        "discriminerend algoritme",
        (
            _V + "grw-02-non-discriminatie",
            _M + "0-org-15-discriminatieprotocol",
            "onderwerpen/bias-en-non-discriminatie",
        ),
    ),
    ("wat moet ik doen bij een vermoeden van discriminatie", (_M + "0-org-15-discriminatieprotocol",)),
    ("vooringenomenheid testen bias", (_M + "5-ver-03-biasanalyse", "onderwerpen/bias-en-non-discriminatie")),
    (
        "bewaartermijn persoonsgegevens",
        (_M + "3-dat-03-bewaartermijnen-persoonsgegevens", _V + "avg-02-beperkte-bewaartermijn-van-persoonsgegevens"),
    ),
    (
        "hoe lang bewaren we logs van hoog risico systemen",
        (_V + "aia-13-bewaartermijn-voor-gegenereerde-logs", _V + "aia-23-gebruiksverantwoordelijken-bewaren-logs"),
    ),
    ("logging wie had toegang tot code", (_M + "4-owk-04-logging",)),
    ("anonimiseren", (_M + "3-dat-04-pseudonimiseren-anonimiseren",)),
    ("pseudonimisering van gegevens", (_M + "3-dat-04-pseudonimiseren-anonimiseren",)),
    ("verwerkersovereenkomst", (_M + "2-owp-14-verwerkersovereenkomst-onderdeel-aanbesteding",)),
    ("overeenkomst met verwerker bij aanbesteden", (_M + "2-owp-14-verwerkersovereenkomst-onderdeel-aanbesteding",)),
    (
        "inkoop van algoritmes",
        ("onderwerpen/publieke-inkoop", _H + "inkoopvoorwaarden", _M + "2-owp-12-duurzaam-inkopen"),
    ),
    (
        "inkoopvoorwaarden",
        (
            _H + "inkoopvoorwaarden",
            _M + "2-owp-16-vereisten-onderdeel-algemene-inkoopvoorwaarden-en-contractovereenkomst",
        ),
    ),
    ("stoppen met een algoritme noodplan", (_M + "4-owk-02-stopzetten-gebruik",)),
    ("incident beveiliging wat nu", (_M + "7-mon-03-informatiebeveiligingsincidenten",)),
    ("ernstig incident melden toezichthouder", (_V + "aia-35-melding-ernstige-incidenten",)),
    ("klokkenluider", (_V + "aia-36-melding-inbreuk-op-ai-verordening",)),
    ("klacht indienen over besluit van algoritme", (_M + "6-imp-06-klacht-bezwaar-beroep",)),
    ("bezwaar en beroep burgers", (_M + "6-imp-06-klacht-bezwaar-beroep",)),
    (
        "menselijk toezicht",
        (
            _V + "aia-09-menselijk-toezicht",
            _V + "aia-21-gebruiksverantwoordelijken-menselijk-toezicht",
            "onderwerpen/menselijke-controle",
        ),
    ),
    (
        "mens moet kunnen ingrijpen bij besluit",
        (_M + "6-imp-03-menselijke-tussenkomst", "onderwerpen/menselijke-controle"),
    ),
    ("volledig geautomatiseerde besluitvorming recht", (_V + "avg-10-recht-op-niet-geautomatiseerde-besluitvorming",)),
    (
        "energie besparen bij trainen van modellen",
        (
            _M + "4-owk-06-optimaliseer-AI-training",
            _M + "4-owk-05-energiezuinige-programmeermethoden",
            "onderwerpen/duurzaamheid",
        ),
    ),
    ("duurzame datacentra", (_M + "3-dat-06-duurzame-datacenters",)),
    ("milieu impact meten", (_M + "7-mon-06-meten-milieu-impact",)),
    ("generatieve ai chatgpt", ("soorten-algoritmes-en-ai/generatieve-ai", _H + "genAI-compliance-FAQ")),
    ("taalmodel gebruiken", ("soorten-algoritmes-en-ai/generatieve-ai", _H + "genAI-compliance-FAQ")),
    ("wat is een algoritme", ("soorten-algoritmes-en-ai/wat-is-een-algoritme",)),
    ("definitie begrippen woordenlijst", ("soorten-algoritmes-en-ai/definities",)),
    ("tijdlijn ai act", ("ai-verordening/tijdlijn-ai-verordening",)),
    (
        "wanneer treedt de AI-verordening in werking",
        (
            "ai-verordening/tijdlijn-ai-verordening",
            _H + "roadmap-inwerkingtreding-AI-verordening",
            "ai-verordening/ai-verordening-in-het-kort",
        ),
    ),
    ("auteursrecht", (_V + "aut-01-auteursrechten", _M + "3-dat-05-schending-auteursrechten")),
    ("copyright data training", (_M + "3-dat-05-schending-auteursrechten", _V + "aut-01-auteursrechten")),
    (
        "uitleg aan burger waarom besluit motivering",
        (_V + "awb-02-motiveringsbeginsel", _V + "aia-26-recht-op-uitleg-ai-besluiten"),
    ),
    ("uitlegbaarheid", (_M + "2-owp-32-toepassen-uitlegbaarheidstechnieken",)),
    ("fairness handbook", (_H + "fairness-handbook",)),
    ("meaningful engagement stakeholders", (_H + "framework-meaningful-engagement",)),
    ("trustworthy ai assessment", (_H + "ALTAI",)),
    (
        "vulnerable groups children",
        (_V + "aia-04-risicobeoordeling-voor-jongeren-en-kwetsbaren", _M + "2-owp-08-kwetsbare-groepen"),
    ),
    (
        "kwestbare groepen",
        (_M + "2-owp-08-kwetsbare-groepen", _V + "aia-04-risicobeoordeling-voor-jongeren-en-kwetsbaren"),
    ),
    ("datakwalitiet controleren", (_M + "3-dat-01-datakwaliteit", _V + "aia-05-data-kwaliteitscriteria")),
    ("transparantie onderwerp openheid over algoritmes", ("onderwerpen/transparantie",)),
    ("wob woo verzoek openbaar", (_V + "woo-01-recht-op-toegang-tot-publieke-informatie",)),
    ("juridische rol jurist", ("rollen/jurist",)),
    ("projectmanager taken", ("rollen/projectleider",)),
)

#: Those that were held out.
HELD_OUT = QUERIES[2::3]
#: Those by which the ranking was made.
SEEN = tuple(one for number, one in enumerate(QUERIES) if number % 3 != 2)
