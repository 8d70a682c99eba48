"""moto's idea of whose an access key is, with one kind of keys more: the number of an account.

`connect` extends how moto reads a key, and the one function that finds an account by it, for moto's
services and for ours. LocalStack takes such keys for the same.
"""

from __future__ import annotations

import functools
import re

from moto.core.responses import BaseResponse
from moto.iam import models

_ACCOUNT = "[0-9]{12}"


@functools.cache
def connect() -> None:
    """Let a key of 12 digits be that account's from now on; a second time changes nothing."""
    found = models.get_account_id_from

    @functools.wraps(found)
    def or_itself(access_key: str) -> str:
        return access_key if re.fullmatch(_ACCOUNT, access_key) else found(access_key)

    models.get_account_id_from = or_itself
    # What moto takes for a key in the header of a signature.
    BaseResponse.access_key_regex = re.compile(
        rf"AWS.*(?P<access_key>(?<![A-Z0-9])(?:[A-Z0-9]{{20}}|{_ACCOUNT})(?![A-Z0-9]))[:/]"
    )
