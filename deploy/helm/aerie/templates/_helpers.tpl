{{- define "aerie.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aerie.releaseLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Selects the instances, but not the pod of the job. */}}
{{- define "aerie.selectorLabels" -}}
{{ include "aerie.releaseLabels" . }}
app.kubernetes.io/component: server
{{- end -}}

{{/* Selects the pod of the job. */}}
{{- define "aerie.checkLabels" -}}
{{ include "aerie.releaseLabels" . }}
app.kubernetes.io/component: check
{{- end -}}

{{- define "aerie.labels" -}}
{{ include "aerie.releaseLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "aerie.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "aerie.fullname" .) -}}
{{- end -}}

{{- define "aerie.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* "true" if there can be several instances. */}}
{{- define "aerie.several" -}}
{{- if .Values.autoscaling.enabled -}}true
{{- else if gt (int .Values.replicas) 1 -}}true
{{- end -}}
{{- end -}}

{{- define "aerie.maxReplicas" -}}
{{- if .Values.autoscaling.enabled -}}{{ .Values.autoscaling.maxReplicas }}{{- else -}}{{ .Values.replicas }}{{- end -}}
{{- end -}}

{{/* "true" if the variable named by the second item has a value. */}}
{{- define "aerie.isSet" -}}
{{- $values := index . 0 -}}
{{- $name := index . 1 -}}
{{- if or (get $values.config $name) (get $values.config (printf "%s_FILE" $name)) (hasKey $values.secretFiles $name) -}}true{{- end -}}
{{- range $values.extraEnv -}}
{{- if or (eq .name $name) (eq .name (printf "%s_FILE" $name)) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Milliseconds of a duration such as 500ms, 30s, 5m or 1h. Anything else counts as 0: the server rejects it itself. */}}
{{- define "aerie.milliseconds" -}}
{{- $factors := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $text := lower (toString .) -}}
{{- if regexMatch "^[0-9]+ *(ms|s|m|h|d)$" $text -}}
{{- mul (regexFind "^[0-9]+" $text | atoi) (get $factors (regexFind "[a-z]+$" $text)) -}}
{{- else -}}0{{- end -}}
{{- end -}}

{{/* Fails on values that contradict each other. */}}
{{- define "aerie.validate" -}}
{{- if not .Values.config.RESOURCE_URL -}}
{{- fail "config.RESOURCE_URL is missing. Set it to the URL of the endpoint, such as https://mcp.example.com/mcp." -}}
{{- end -}}
{{- if include "aerie.several" . -}}
{{- if not (include "aerie.isSet" (list .Values "REDIS_URL")) -}}
{{- fail "Several instances need REDIS_URL, through which they share limits and revocations. Set secretFiles.REDIS_URL or config.REDIS_URL, or use one instance (replicas: 1)." -}}
{{- end -}}
{{- if not (include "aerie.isSet" (list .Values "REQUEST_STATE_SECRET")) -}}
{{- fail "Several instances need the same REQUEST_STATE_SECRET. Set secretFiles.REQUEST_STATE_SECRET, or use one instance (replicas: 1)." -}}
{{- end -}}
{{- if .Values.state.enabled -}}
{{- fail "state.enabled is for one instance. Several share their revocations in Redis." -}}
{{- end -}}
{{- if and .Values.sessions.enabled (not .Values.gateway.enabled) (not .Values.sessions.routedElsewhere) -}}
{{- fail "sessions.enabled needs gateway.enabled, which routes each session to its instance. If your own proxy does that, set sessions.routedElsewhere." -}}
{{- end -}}
{{- if and .Values.sessions.enabled .Values.ingress.enabled (not .Values.sessions.routedElsewhere) -}}
{{- fail "ingress.enabled sends the requests of a session to any of several instances. Turn it off, or set sessions.routedElsewhere if your ingress controller routes each session to its instance." -}}
{{- end -}}
{{- end -}}
{{- if and .Values.state.enabled (include "aerie.isSet" (list .Values "STATE_DIRECTORY")) -}}
{{- fail "state.enabled keeps the state in its volume. Remove STATE_DIRECTORY, which would name another place." -}}
{{- end -}}
{{- range $name, $_ := .Values.secretFiles -}}
{{- if regexMatch "^OTEL_EXPORTER_OTLP_([A-Z]+_)?HEADERS$" $name -}}
{{- fail (printf "secretFiles.%s has no effect, because headers are read from the environment only. Set it in extraEnv, with valueFrom.secretKeyRef." $name) -}}
{{- end -}}
{{- if or (get $.Values.config $name) (get $.Values.config (printf "%s_FILE" $name)) -}}
{{- fail (printf "%s is in both config and secretFiles. Remove one of them." $name) -}}
{{- end -}}
{{- end -}}
{{- range .Values.gateway.parentRefs -}}
{{- if and $.Values.gateway.enabled (not (or .sectionName .port)) -}}
{{- fail (printf "gateway.parentRefs names no listener of %v. Set sectionName or port to the one with TLS. Otherwise, the listener for plain HTTP serves the endpoint too." .name) -}}
{{- end -}}
{{- end -}}
{{- $delay := .Values.config.SHUTDOWN_DELAY | default "5s" -}}
{{- $timeout := .Values.config.SHUTDOWN_TIMEOUT | default "30s" -}}
{{- $needed := add (include "aerie.milliseconds" $delay | int64) (include "aerie.milliseconds" $timeout | int64) -}}
{{- if lt (mul .Values.terminationGracePeriodSeconds 1000) (add $needed 15000) -}}
{{- fail (printf "terminationGracePeriodSeconds (%v) must be at least 15 s longer than SHUTDOWN_DELAY (%s) and SHUTDOWN_TIMEOUT (%s) together. Otherwise, Kubernetes kills instances whose calls still run, or that still write audit records." .Values.terminationGracePeriodSeconds $delay $timeout) -}}
{{- end -}}
{{- if and (gt (int .Values.autoscaling.callsInFlight) 0) (not .Values.metrics.enabled) -}}
{{- fail "autoscaling.callsInFlight needs metrics.enabled." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and .Values.sessions.sse (not .Values.sessions.enabled) -}}
{{- fail "sessions.sse needs sessions.enabled." -}}
{{- end -}}
{{- if and .Values.check.migrationUrl (not .Values.check.enabled) -}}
{{- fail "check.migrationUrl has no effect without check.enabled, because the job migrates the schema. Set check.enabled, or remove check.migrationUrl." -}}
{{- end -}}
{{- if and .Values.metrics.podMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "metrics.podMonitor.enabled needs metrics.enabled." -}}
{{- end -}}
{{- end -}}

{{/* Environment of the instances and of the job. */}}
{{- define "aerie.env" -}}
- name: HOST
  value: {{ .Values.listen | quote }}
{{- range $name, $value := .Values.config }}
{{- if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}
{{- range $name, $_ := .Values.secretFiles }}
- name: {{ $name }}_FILE
  value: /run/secrets/aerie/{{ $name }}
{{- end }}
{{- if .Values.toolPolicy }}
- name: TOOL_POLICY
  value: /etc/aerie/tool-policy.json
{{- end }}
{{- if .Values.sessions.enabled }}
- name: MCP_SESSIONS
  value: 'on'
{{- if .Values.sessions.sse }}
- name: MCP_SSE
  value: 'on'
{{- end }}
{{- end }}
{{- if .Values.metrics.enabled }}
- name: METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: METRICS_HOST
  value: {{ .Values.listen | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Extra volumes and mounts of the job, as JSON. Without disks, which can often be attached to one pod or node only. */}}
{{- define "aerie.checkExtras" -}}
{{- $volumes := list -}}
{{- $disks := list -}}
{{- range .Values.extraVolumes -}}
{{- if or .persistentVolumeClaim .ephemeral -}}
{{- $disks = append $disks .name -}}
{{- else -}}
{{- $volumes = append $volumes . -}}
{{- end -}}
{{- end -}}
{{- $mounts := list -}}
{{- range .Values.extraVolumeMounts -}}
{{- if not (has .name $disks) -}}
{{- $mounts = append $mounts . -}}
{{- end -}}
{{- end -}}
{{- dict "volumes" $volumes "mounts" $mounts | toJson -}}
{{- end -}}

{{- define "aerie.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.secretFiles }}
- name: secrets
  mountPath: /run/secrets/aerie
  readOnly: true
{{- end }}
{{- if .Values.toolPolicy }}
- name: tool-policy
  mountPath: /etc/aerie
  readOnly: true
{{- end }}
{{- end -}}

{{/* Volumes. The second item is the name of the ConfigMap with the tool policy. */}}
{{- define "aerie.volumes" -}}
{{- $root := index . 0 -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with $root.Values.secretFiles }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $name, $source := . }}
      - secret:
          name: {{ $source.secret }}
          items: [{ key: {{ $source.key }}, path: {{ $name }} }]
      {{- end }}
{{- end }}
{{- if $root.Values.toolPolicy }}
- name: tool-policy
  configMap:
    name: {{ index . 1 }}
{{- end }}
{{- end -}}

{{- define "aerie.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
