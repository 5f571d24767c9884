# Flowloom itself: `docker build -t flowloom .`, then `docker run … flowloom run /etc/flowloom/flowloom.yaml`.
FROM node:24-bookworm-slim AS build
WORKDIR /flowloom
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /flowloom
COPY --from=build /flowloom/package.json ./
COPY --from=build /flowloom/node_modules ./node_modules
COPY --from=build /flowloom/bin ./bin
COPY --from=build /flowloom/dist ./dist
COPY --from=build /flowloom/apps/dashboard/web/dist ./apps/dashboard/web/dist
RUN ln -s /flowloom/bin/flowloom.js /usr/local/bin/flowloom && install -d -o node -g node /var/lib/flowloom
USER node
EXPOSE 6653 6640 8080
ENTRYPOINT ["flowloom"]
CMD ["run", "/etc/flowloom/flowloom.yaml", "--state", "/var/lib/flowloom"]
