#!/usr/bin/env bash
# Brings what infra/k8s/overlays/prod says into the cluster that kubectl speaks to: the migrations, then the programs. When one of these does not become ready,
# all go back to what ran before. docs/deploy.md says what that can do after a migration.
set -euo pipefail
cd "$(dirname "$0")/../.."

overlay=${1:-infra/k8s/overlays/prod}
namespace=${2:-aisle}
# Every service has a folder there.
mapfile -t programs < <(ls infra/k8s/services && echo web)
on() { kubectl --namespace "$namespace" "$@"; }

# What would leave pods waiting for ever is refused before anything changes.
unpinned=$(kubectl kustomize "$overlay" | grep -E '^ *(- )?image: ' | grep -v '@sha256:' || true)
if [ -n "$unpinned" ]; then
  echo "These images have no digest; npm run images -- <registry> builds, pushes and pins them:" >&2
  echo "$unpinned" >&2
  exit 1
fi
for wanted in configmap/aisle-ca $(ls infra/k8s/services | sed 's,^,secret/,'); do
  if ! on get "$wanted" --output name > /dev/null; then
    echo "The namespace $namespace has no $wanted; step 3 of docs/deploy.md makes it." >&2
    exit 1
  fi
done

declare -A before
for program in "${programs[@]}"; do
  # Empty at the first roll-out.
  before[$program]=$(on get deployment "$program" --ignore-not-found \
    --output 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}')
done

roll_back() {
  echo "The roll-out failed; going back." >&2
  for program in "${programs[@]}"; do
    [ -z "${before[$program]}" ] || on rollout undo "deployment/$program" --to-revision="${before[$program]}" || true
  done
  for program in "${programs[@]}"; do
    [ -z "${before[$program]}" ] || on rollout status "deployment/$program" --timeout=5m || true
  done
  exit 1
}

# Ends as soon as all migrations are complete or one has failed; `kubectl wait` can wait for one of these only.
migrated() {
  local deadline=$((SECONDS + 900)) jobs
  while [ "$SECONDS" -lt "$deadline" ]; do
    jobs=$(on get job --selector app.kubernetes.io/component=migration \
      --output 'jsonpath={range .items[*]}{.metadata.name}{":"}{.status.conditions[?(@.status=="True")].type}{"\n"}{end}')
    if failed=$(grep ':.*\bFailed\b' <<< "$jobs"); then
      for job in $(cut -d: -f1 <<< "$failed"); do
        echo "$job has failed:" >&2
        on logs "job/$job" --tail=20 >&2 || true
      done
      return 1
    fi
    if [ -n "$jobs" ] && ! grep -qv ':.*\bComplete\b' <<< "$jobs"; then return 0; fi
    sleep 2
  done
  echo "The migrations were not complete within 15 minutes." >&2
  return 1
}

# What the overlay says, with the checksum of each Secret in the pods that read it: who changes one has it take effect by a roll-out.
manifests() {
  local marks=() program sum
  for program in "${programs[@]}"; do
    sum=$(on get "secret/$program" configmap/aisle-ca --ignore-not-found --output 'jsonpath={.items[*].data}' | sha256sum)
    marks+=(--expression "s/: secrets-of-$program\$/: ${sum%% *}/")
  done
  kubectl kustomize "$overlay" | sed "${marks[@]}"
}

# A finished Job cannot be changed, only made again.
on delete job --selector app.kubernetes.io/component=migration --ignore-not-found
kubectl apply --kustomize "$overlay/migrations"
# Nothing has changed for anybody yet, so a migration that fails needs no way back.
migrated

all=$(manifests)
kubectl apply --filename - <<< "$all" || roll_back
for program in "${programs[@]}"; do
  on rollout status "deployment/$program" --timeout=5m || roll_back
done
echo "Rolled out."
