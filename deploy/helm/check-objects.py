"""Checks objects for what their schemas cannot say. deploy/helm/check calls it with its Python, which has PyYAML:

    check-objects.py <folder of the schemas of custom resources> <file>
"""

import json
import pathlib
import sys

import yaml

NAME = "app.kubernetes.io/name"
HOOKS = {"helm.sh/hook", "argocd.argoproj.io/hook"}
ENTRY_POINTS = "traefik.ingress.kubernetes.io/router.entrypoints"


def missing_defaults(value, schema, path):
    """Yields the members that the API server fills in, so that Argo CD sees a difference."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from missing_defaults(item, schema.get("items", {}), f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, member in schema.get("properties", {}).items():
            if name in value:
                yield from missing_defaults(value[name], member, f"{path}.{name}")
            elif "default" in member:
                yield f"{path}.{name}"


def pod_selectors(kind, spec):
    """Yields the path and the labels of each selector of pods."""
    if kind == "Service":
        yield "spec.selector", spec.get("selector")
    if kind == "NetworkPolicy":
        yield "spec.podSelector", spec["podSelector"].get("matchLabels")
    if kind in ("Deployment", "StatefulSet", "PodDisruptionBudget", "PodMonitor"):
        yield "spec.selector", spec["selector"].get("matchLabels")
    for spread in spec.get("template", {}).get("spec", {}).get("topologySpreadConstraints", []):
        yield "topologySpreadConstraints.labelSelector", spread["labelSelector"].get("matchLabels")


def faults(item):
    """Yields what is wrong with an object."""
    kind, spec = item["kind"], item.get("spec", {})
    annotations = item["metadata"].get("annotations", {})
    group, _, version = item["apiVersion"].rpartition("/")
    schema = schemas / f"{kind}-{group}-{version}.json".lower()
    if schema.exists():
        properties = json.loads(schema.read_text())["properties"]["spec"]
        for path in missing_defaults(spec, properties, "spec"):
            yield f"{path} is missing. Name the default, so that Argo CD sees no difference."
    for path, labels in pod_selectors(kind, spec):
        if NAME not in (labels or {}):
            yield f"{path} has no {NAME}, so it selects pods of other applications too."
    if kind == "Job" and not HOOKS & annotations.keys():
        yield "The job is no hook, so Argo CD compares it, and fails when it changes."
    if kind == "Ingress" and annotations.get(ENTRY_POINTS) != "websecure":
        yield f"{ENTRY_POINTS} is not websecure, so Traefik serves plain HTTP too."


schemas, file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
found = [
    f"{file.name}, {item['kind']} {item['metadata']['name']}: {fault}"
    for item in yaml.safe_load_all(file.read_text())
    if item
    for fault in faults(item)
]
sys.exit("\n".join(found) or None)
