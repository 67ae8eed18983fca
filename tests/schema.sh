#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# schema.sh - what `nowake report --json` prints, golden and real, is what the schema says
#
# usage: schema.sh NOWAKE [PLANT...]
# As root it also looks at this host, with the planted programs running, so that there is a finding.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
nowake=$1
shift
schema=tests/report.schema.json
tmp=$(mktemp -d)
pids=()
finish() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	rm -rf "$tmp"
}
trap finish EXIT

# Starts a planted program, and waits until it says that it is stuck.
plant() {
	local word=
	mkfifo "$tmp/$(basename "$1")"
	"$1" >"$tmp/$(basename "$1")" 2>/dev/null &
	pids+=($!)
	read -r -t 30 word <"$tmp/$(basename "$1")" || true
	[[ $word == ready* ]] || { echo "$1 does not get stuck" && exit 1; }
}

shopt -s nullglob globstar
files=(tests/golden/**/*.json)
skipped=0
if [ "$(id -u)" = 0 ]; then
	for program in "$@"; do plant "$program"; done
	sleep 3
	"$nowake" report --json --threshold 1s >"$tmp/report.json"
	"$nowake" report --json --threshold 1s --all --suspects >"$tmp/all.json"
	files+=("$tmp/report.json" "$tmp/all.json")
	[ $# = 0 ] || grep -q '"class": *"deadlock"' "$tmp/report.json" ||
		{ echo 'the planted deadlock is not in the report' && exit 1; }
else
	echo 'SKIPPED, NOT RUN: the JSON of this host: needs root'
	skipped=1
fi

/usr/bin/python3 - "$skipped" "$schema" "${files[@]}" <<'PYTHON'
import json, sys
import jsonschema

skipped, schema, *files = sys.argv[1:]
schema = json.load(open(schema, encoding="utf-8"))
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema, format_checker=jsonschema.FormatChecker())
failed = 0
for name in files:
    errors = list(validator.iter_errors(json.load(open(name, encoding="utf-8"))))
    failed += bool(errors)
    for error in errors[:10]:
        print(f"{name}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
tail = f", {skipped} skipped" if skipped != "0" else ""
print(f"{len(files) - failed} passed, {failed} failed{tail}")
sys.exit(failed > 0 or not files)
PYTHON
