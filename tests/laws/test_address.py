"""What the short way around the validator lets through, the validator would have left as it is."""

from __future__ import annotations

from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from events.address import EVERYDAY

WORD = st.text("abcxyzABC019", min_size=1, max_size=6)
LABEL = st.text("abcxyz019", min_size=1, max_size=6)
LOCAL = st.lists(WORD, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from("._+-").map(lambda by: by.join(words))
)
DOMAIN = st.lists(st.lists(LABEL, min_size=1, max_size=3).map("-".join), min_size=1, max_size=2).map(".".join)
ADDRESS = st.tuples(LOCAL, DOMAIN, st.sampled_from(["fi", "com", "net", "org", "se"])).map(
    lambda it: "{}@{}.{}".format(*it)
)


@settings(max_examples=80, deadline=None)
@given(ADDRESS.filter(lambda address: EVERYDAY.fullmatch(address) is not None))
def test_the_validator_leaves_everyday_addresses_as_they_are(address: str) -> None:
    assert validate_email(address, check_deliverability=False).normalized == address
