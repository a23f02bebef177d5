"""Where credentials, region and endpoint come from: wherever AWS's own programs look for them."""

from __future__ import annotations

import boto3
import botocore.session

_REGION = ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)
"""boto3 alone reads the second only; the other SDKs, and the command `aws`, read the first before it."""


def aws_session(profile: str | None = None, *, region: str | None = None) -> boto3.session.Session:
    """A session of boto3 that looks for the region where the others do, too.

    Raises:
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    core = botocore.session.Session(session_vars={"region": _REGION})
    return boto3.session.Session(botocore_session=core, profile_name=profile, region_name=region)
