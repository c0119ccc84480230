#!/usr/bin/env bash
# Brings what infra/k8s/overlays/prod says into the cluster that kubectl speaks to: the migrations, then the programs. When one of these does not become ready,
# all go back to what ran before. docs/deploy.md says what that can do after a migration.
set -euo pipefail
cd "$(dirname "$0")/../.."

overlay=${1:-infra/k8s/overlays/prod}
namespace=${2:-aisle}
programs=(auth tickets orders expiration payments web)
on() { kubectl --namespace "$namespace" "$@"; }

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

# A finished Job cannot be changed, only made again.
on delete job --selector app.kubernetes.io/component=migration --ignore-not-found
kubectl apply --kustomize "$overlay/migrations"
# Nothing has changed for anybody yet, so a migration that fails needs no way back.
on wait --for=condition=complete job --selector app.kubernetes.io/component=migration --timeout=15m

kubectl apply --kustomize "$overlay" || roll_back
for program in "${programs[@]}"; do
  on rollout status "deployment/$program" --timeout=5m || roll_back
done
echo "Rolled out."
