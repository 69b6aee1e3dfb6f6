"""Why somebody did not get in, or a provider was not believed: a word for the log, a sentence for people.

What a provider says of itself (``error_description``) is never shown: whoever makes the address writes it.
"""

from typing import Any

from translationstring import TranslationString

from plein.api import translation_factory

_ = translation_factory("plein_oidc")

BROWSER, PERSON, PROVIDER, ABSENT = 400, 403, 502, 503

#: By its word: the status of the answer, and what happened.
REASONS: dict[str, tuple[int, TranslationString]] = {
    # started elsewhere, or too long ago
    "state": (BROWSER, _("This was begun in another browser, is over already, or took longer than ten minutes.")),
    "mixed_up": (BROWSER, _("The answer came from another provider than the one you went to.")),
    # the person, or what they may
    "declined": (PERSON, _("You did not agree at ${title}, or you have no access there.")),
    "another_person": (PERSON, _("At ${title} you are somebody else than here. Nothing was confirmed.")),
    "not_fresh": (PERSON, _("${title} did not ask you to sign in again, so nothing was confirmed.")),
    # the way to the provider
    "down": (ABSENT, _("${title} does not answer at this moment.")),
    "certificate": (PROVIDER, _("The certificate of ${title} is not valid for its address, so it cannot be trusted.")),
    "redirected": (PROVIDER, _("${title} answers at another address than the one that is set up.")),
    "elsewhere": (PROVIDER, _("${title} names an address that is not secure, or is on a host that is not allowed.")),
    "too_large": (PROVIDER, _("The answer of ${title} is too large to be right.")),
    "unreadable": (PROVIDER, _("The answer of ${title} cannot be understood.")),
    "not_itself": (PROVIDER, _("${title} calls itself by another name than the one that is set up.")),
    "settings": (
        PROVIDER,
        _("${title} and this site do not agree on how this site proves itself, or what it may ask."),
    ),
    # what the provider says about somebody
    "clock": (PROVIDER, _("The clock of this site and that of ${title} differ by ${minutes} min.")),
    "expired": (PROVIDER, _("What ${title} says about you has expired.")),
    "algorithm": (PROVIDER, _("What ${title} says is signed in a way that is not allowed.")),
    "embedded_key": (PROVIDER, _("What ${title} says brings its own key, and that proves nothing.")),
    "key": (PROVIDER, _("What ${title} says is signed with a key that it does not publish.")),
    "signature": (PROVIDER, _("The signature under what ${title} says is not right.")),
    "issuer": (PROVIDER, _("What ${title} says comes from somebody else.")),
    "audience": (PROVIDER, _("What ${title} says is meant for another site.")),
    "nonce": (PROVIDER, _("What ${title} says belongs to another sign-in than yours.")),
    "access_token": (PROVIDER, _("The parts of the answer of ${title} do not belong together.")),
    "subject": (PROVIDER, _("${title} speaks of two different people in one answer.")),
    "no_subject": (PROVIDER, _("${title} does not say who you are.")),
    "no_login": (PROVIDER, _("${title} does not say by which name you sign in.")),
    # a message that ends sessions
    "not_logout": (BROWSER, _("This is not a message to sign somebody out.")),
    "replayed": (BROWSER, _("This message was used already.")),
}


class SignInFailed(Exception):
    """A sign-in, or a message of a provider, that is refused.

    :ivar reason: its word in :data:`REASONS`.
    :ivar detail: more for the log, in our own words.
    """

    def __init__(self, reason: str, detail: str = "", **values: Any) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.status = REASONS[reason][0]
        self._values = values

    def sentence(self, title: str) -> TranslationString:
        """What happened, for people. *title*: what the provider is called."""
        sentence = REASONS[self.reason][1]
        return TranslationString(sentence, mapping={"title": title, **self._values})
