#!/usr/bin/env bash
# Registers a model file, waits until a runtime has loaded and measured it, and opens a release. For CI; needs the slipway command, jq is not needed.
#
#   SLIPWAY_URL, SLIPWAY_TOKEN     where, and a token with the scopes read, register and release
#   MODEL, VERSION, FILE           what to register
#   SAMPLE                         rows to infer the input contract from (may be empty)
#   ENDPOINT                       open a release of this endpoint to the version (may be empty: stop after the checks)
#   WATCH                          true: follow the release to its end; exit 5 when it was rolled back
#   SLIPWAY_CLI                    the command, when it is not `slipway` on the PATH
# Outputs go to $GITHUB_OUTPUT when it is set, else to standard output: digest, state, release.
set -euo pipefail
: "${SLIPWAY_URL:?}" "${SLIPWAY_TOKEN:?}" "${MODEL:?}" "${VERSION:?}" "${FILE:?}"
read -ra cli <<<"${SLIPWAY_CLI:-slipway}"
wait_seconds="${WAIT_SECONDS:-300}"

output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/stdout}"; }
# The value of a text member in one line of JSON that the command printed.
member() { node -e 'let t="";process.stdin.on("data",(c)=>t+=c).on("end",()=>{const f=new Function("answer",`return ${process.argv[1]}`);const v=f(JSON.parse(t));process.stdout.write(v===undefined||v===null?"":String(v))})' "$1"; }

arguments=(--json register "$FILE" --model "$MODEL" --version "$VERSION")
[ -z "${SAMPLE:-}" ] || arguments+=(--sample "$SAMPLE")
[ -z "${COMMIT:-}" ] || arguments+=(--commit "$COMMIT")
registered=$("${cli[@]}" "${arguments[@]}")
output digest "$(member answer.digest <<<"$registered")"

state=registered
for ((waited = 0; waited < wait_seconds; waited += 2)); do
  state=$("${cli[@]}" --json models | member "(answer.find((m) => m.name === '${MODEL//\'/}') || { versions: [] }).versions.find((v) => v.name === '${VERSION//\'/}')?.state")
  [ "$state" = registered ] || break
  sleep 2
done
output state "$state"
case "$state" in
  ready) ;;
  registered) echo "No runtime has looked at $MODEL $VERSION within $wait_seconds s." >&2; exit 6 ;;
  *) echo "$MODEL $VERSION is $state: see $SLIPWAY_URL/models/$MODEL/versions/$VERSION" >&2; exit 4 ;;
esac

[ -n "${ENDPOINT:-}" ] || exit 0
created=$("${cli[@]}" --json release create --endpoint "$ENDPOINT" --version "$VERSION" --reason "${REASON:-Opened by CI for $MODEL $VERSION.}")
number=$(member answer.number <<<"$created")
output release "$number"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  printf '[Release %s](%s/releases/%s): %s %s on %s\n' "$number" "$SLIPWAY_URL" "$number" "$MODEL" "$VERSION" "$ENDPOINT" >>"$GITHUB_STEP_SUMMARY"
fi
[ "${WATCH:-false}" != true ] || "${cli[@]}" release watch "$number"
