"""What guessers try first, in Dutch and English: our own short list of words that passwords are built around.

Twelve characters keep the short favourites out already. What is left is a favourite with its brothers: a year, some
digits, an exclamation mark, letters written as digits. So the list holds the words, and the check does the rest.
"""

#: Rows of keys and signs; a walk in either direction counts.
_ROWS = (
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qwertzuiop",
    "qsdfghjklm",
    "01234567890",
    "12345678901234567890",
    "!@#$%^&*()_+",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujm",
    "1a2b3c4d5e6f7g8h9i",
    "112233445566778899",
    "aabbccddeeffgghh",
)

SEQUENCES = tuple({*_ROWS, *(row[::-1] for row in _ROWS)})

_ENGLISH = """
access account admin administrator adminadmin afternoon angel apple august autumn awesome baby banana baseball
basketball batman because beautiful birthday blink chelsea butterfly change changeme charlie cheese chocolate
christmas coffee company computer cookie correct horse battery staple database december default demo diamond doctor
dolphin donald dragon dropbox easter eagle elephant email employee enter everything example extra facebook family
february flower football forever freedom friday friend google guest guitar hallo happy hello hockey holiday hotmail
house hunter iloveyou instagram internet intranet january jesus july june killer laptop letmein letme linkedin
liverpool login london love lovely loveyou manager manchester march marvel master matrix maximum michael microsoft
mickey minecraft monday money monkey morning mother motorola mountain music mustang mynameis network newpassword
newyork nintendo nothing november october office okay online orange outlook passw passwd password passwort
passphrase peanut pepper phone pikachu playstation please pokemon princess private public purple qwerty rainbow
raspberry random remember root samsung saturday school secret secure security september server service shadow silver
soccer socialism spiderman spring starwars startrek student summer sunday sunshine super superman superuser support
sweet system teacher temp temporary test testing tester thankyou thomas thursday tiger today tomorrow training
trustno tuesday twitter user username victoria wednesday welcome whatever windows winter wonderful work worldwide
yahoo yellow yesterday zaqxsw
"""

_DUTCH = """
aanmelden aardappel afdeling ajax ajaxamsterdam amsterdam appelflap appeltaart april arnhem augustus avond beheer
beheerder bierbier bitterbal bloem bloemen boterham breda broodje burgerzaken buurman chocola computer december
delft dinsdag directie donderdag eenhoorn eindhoven enschede fiets fietsen februari feyenoord gebruiker geheim
gemeente gezellig goedemorgen goedendag groningen haarlem hagelslag hallo hartje herfst hoihoi hond huisdier
ikhouvanjou inloggen januari juli juni kaas kantoor kerst kerstmis klaver koekje koffie koning koninginnedag
koningsdag konijn lente liefde lieverd maandag maart maastricht medewerker mei mijn mijnwachtwoord moeder morgen
nederland nieuw nijmegen november oktober olifant oranje organisatie paashaas papegaai pannenkoek pasen personeel
poes poesje prinses provincie psv rotterdam schatje school september sinterklaas snoepje spruitjes stamppot
stroopwafel tilburg tijdelijk toegang utrecht vader vakantie veilig verandermij verander vergeten vlinder voetbal
vrijdag waarom wachtwoord wachtwoorden water welkom werk winter woensdag wijzig wijzigmij zaterdag zeeland zomer
zondag zonnebloem zonnetje zwolle
"""

#: Words that, with digits and signs around them, make no password.
BASES = frozenset(f"{_ENGLISH} {_DUTCH}".split())

#: Phrases that everybody has read somewhere.
FAMOUS = frozenset({"correcthorsebatterystaple", "iloveyouverymuch", "ikhouvanjou", "maytheforcebewithyou"})
