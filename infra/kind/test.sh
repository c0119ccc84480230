#!/usr/bin/env bash
# Applies overlays/dev to a cluster of this machine made by kind, buys a ticket, and deletes a pod of each program and server, buying another one after each.
# Needs docker, kind, kubectl and Node; what it has made goes at its end.
set -euo pipefail
cd "$(dirname "$0")/../.."

cluster=${CLUSTER:-aisle-test}
gateway_api=https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.3.0/standard-install.yaml
overlay=infra/k8s/overlays/dev
mapfile -t programs < <(ls infra/k8s/services && echo web)
servers=(postgres nats)
on() { kubectl --context "kind-$cluster" --namespace aisle-dev "$@"; }

forwards=()
end() {
  local status=$?
  [ "$status" -eq 0 ] || on get pods --output wide || true
  [ "${#forwards[@]}" -eq 0 ] || kill "${forwards[@]}" 2> /dev/null || true
  kind delete cluster --name "$cluster" || true
  rm -rf "$overlay/.data"
}
trap end EXIT

# Each service at a port of this machine. It ends with the pod that it leads to, so it is made anew for every sale.
forward() {
  local port=18080 service
  [ "${#forwards[@]}" -eq 0 ] || kill "${forwards[@]}" 2> /dev/null || true
  forwards=()
  for service in auth tickets orders payments; do
    on port-forward "service/$service" "$port:8080" > /dev/null &
    forwards+=($!)
    export "${service^^}_URL=http://127.0.0.1:$port"
    port=$((port + 1))
  done
}
ready() {
  local name
  for name in "${servers[@]}"; do on rollout status "statefulset/$name" --timeout=5m; done
  for name in "${programs[@]}" stripe-sandbox; do on rollout status "deployment/$name" --timeout=5m; done
}
buy() {
  forward
  infra/kind/sale.sh
}

node infra/make-secrets.ts --out "$overlay/.data" --nats nats:4222
kind create cluster --name "$cluster" --wait 3m
for program in "${programs[@]}" stripe-sandbox; do
  for workspace in "services/$program" "packages/$program" "$program"; do [ -d "$workspace" ] && break; done
  docker build --quiet --file infra/docker/Dockerfile --build-arg "WORKSPACE=$workspace" --tag "aisle-$program:dev" .
  kind load docker-image --name "$cluster" "aisle-$program:dev"
done
kubectl --context "kind-$cluster" apply --filename "$gateway_api"
kubectl --context "kind-$cluster" apply --kustomize "$overlay"
ready
buy
for name in "${programs[@]}" "${servers[@]}" stripe-sandbox; do
  echo "Deleting the pods of $name."
  on delete pod --selector "app.kubernetes.io/name=$name" --wait=true
  ready
  buy
done
echo "Bought before and after each pod went."
