"""The script of the AWS Glue job."""

import sys

from trustedlake.entrypoints.glue import main

main(sys.argv)
