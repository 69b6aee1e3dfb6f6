"""The rules that hold for every plugin."""

from plein.testing import contract_of

test_contract = contract_of("wiki")
