"""Finds credentials, region and endpoint in the same places as AWS's own programs."""

from __future__ import annotations

import boto3
import botocore.session

_REGION = ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)
"""boto3 by itself reads only the second name; the other SDKs and the `aws` command try the first one first."""


def aws_session(profile: str | None = None, *, region: str | None = None) -> boto3.session.Session:
    """Return a boto3 session that also looks for the region where the other SDKs do.

    Raises:
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    core = botocore.session.Session(session_vars={"region": _REGION})
    return boto3.session.Session(botocore_session=core, profile_name=profile, region_name=region)
