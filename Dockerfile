# A relay for production: docker build -t sluice . (docs/operating.md tells how it is run).
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package has to run a script of its own, and none may. What only benches need stays away.
RUN npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# What built it stays behind.
RUN npm ci --workspaces=false --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
# For sources, transcoding and snapshots.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/samples samples
COPY --from=build /app/docs docs
ENV NODE_ENV=production SLUICE_DEMO=false
# Owns none of these files, and needs to write nowhere.
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SLUICE_PORT || 8080) + '/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Docker starts it again (--restart), and so no supervisor of its own does. It listens for other machines, and so doesn't start without a rule of access: docker run … sluice --keys /etc/sluice/keys.json
ENTRYPOINT ["node", "bin/sluice.js", "serve", "--no-supervise", "--host", "0.0.0.0"]
