"""Finds credentials, region and endpoint in the same places as AWS's own programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import boto3
import botocore.session
from botocore.utils import parse_timestamp

_REGION = ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)
"""boto3 by itself reads only the second name; the other SDKs and the `aws` command try the first one first."""

_ISO_LENGTH = len("2025-06-17T10:11:12Z")


def aws_session(profile: str | None = None, *, region: str | None = None) -> boto3.session.Session:
    """Return a boto3 session that also looks for the region where the other SDKs do.

    Raises:
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    core = botocore.session.Session(session_vars={"region": _REGION})
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_timestamp)
    return boto3.session.Session(botocore_session=core, profile_name=profile, region_name=region)


def read_timestamp(value: Any) -> datetime:  # noqa: ANN401 - a text or a number, as the service answers
    """Return the time that an answer of AWS names: ISO 8601, RFC 822, or seconds since 1970.

    botocore reads them all with dateutil, which took two thirds of the time of a long listing.

    Raises:
        ValueError: it is none of them.
    """
    if isinstance(value, str) and len(value) >= _ISO_LENGTH and value[10] == "T":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    read: datetime = parse_timestamp(value)
    return read
