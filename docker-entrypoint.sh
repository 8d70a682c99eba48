#!/bin/sh
# What the image starts. Testcontainers' module for Java starts it itself, at the path that LocalStack's
# has, without arguments; others look for `Ready.` on stdout. LOCALSTACK_HOST is what they set to the
# name by which other containers reach it, which may have a port. A seed that is mounted at /seed.json
# is taken.
[ $# -gt 0 ] || set -- --replication-set us-east-1
[ ! -e /seed.json ] || set -- --seed /seed.json "$@"
name=${LOCALSTACK_HOST%%:*}
exec python -m pulumi_incidents.emulator --host 0.0.0.0 --port 4566 ${name:+--allow-host "$name"} "$@" 2>&1
