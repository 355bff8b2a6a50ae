# docker build -t aerie .                          the server, for production
# docker build -t aerie-issuer --target issuer .   the embedded issuer, for the demo only
# docker buildx bake --file docker-bake.hcl        the server for both platforms and on both bases

# Base of production: any image with Node.js 24 and glibc. It needs no shell and no npm.
ARG RUNTIME=node:24-slim

FROM node:24-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# Everything that compiling needs. Without install scripts: one of them would fetch the Node.js that
# development runs on, another 127 MB, and compiling needs none of them.
FROM base AS build
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run --silent build && rm -f dist/.tsbuildinfo

# Production files: no embedded issuer, and of the dependencies only what the server can load. "optional" omits the
# packages of the tests that are optional peers of NestJS too.
FROM base AS production-files
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY --from=build /app/dist ./dist
RUN rm -rf dist/dev-issuer dist/testing
# Lists the packages for scanners, which see neither a lock file nor an installation. Without devDependencies in the
# manifest, because npm sbom leaves out what both kinds need.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=spdx > sbom.spdx.json && rm package-lock.json
COPY deploy/image /tools/
RUN --mount=type=bind,from=build,source=/app/node_modules,target=/tools/node_modules \
    node /tools/prune-modules.mjs && node -p process.version > /tools/node-version

# The embedded issuer as a server of its own. It signs anybody in.
FROM base AS issuer
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN install -d -o node -g node /app/.aerie
USER 1000:1000
CMD ["node", "--enable-source-maps", "dist/dev-issuer/main.js"]

# The last stage is what a build without --target makes.
FROM ${RUNTIME} AS production
LABEL org.opencontainers.image.title="Aerie" \
      org.opencontainers.image.description="Offers the tools of your company to AI clients (MCP), behind OAuth 2.1." \
      org.opencontainers.image.licenses="MIT"
# Both bases then run the same commands, without a shell: the entrypoint of one is a script, and of the other, node.
ENV NODE_ENV=production PATH=/nodejs/bin:$PATH
ENTRYPOINT []
WORKDIR /app
RUN --mount=type=bind,from=production-files,source=/tools,target=/tools \
    ["node", "/tools/check-runtime.mjs"]
# Owned by root: the process cannot change its own code.
COPY --from=production-files /app ./
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 3002
# Whether callers can be served, not whether the process lives: Docker restarts nothing that is unhealthy, but
# "up --wait", a rolling restart and the proxy go by it. Kubernetes has a probe for each and ignores this one.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3002}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In a container of 256 MB, V8 would give young objects 1 MB: requests in flight outlive that, and full collections take
# half of the time. The limit is in MB; young objects take up to three times as much.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=16", "dist/main.js"]
