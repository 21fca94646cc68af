# The image of the server. Node builds the console, Rust the server; the last stage has neither.

FROM node:22.23.3-bookworm-slim AS console
WORKDIR /console
COPY web-console/package.json web-console/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY web-console .
RUN npm run build -- --outDir dist --emptyOutDir

FROM rust:1.95.0-slim-bookworm AS server
# Else rustup follows rust-toolchain.toml to what is stable on that day.
ENV RUSTUP_TOOLCHAIN=1.95.0 TENANTRY_CONSOLE_DIST=/console
WORKDIR /src
COPY . .
COPY --from=console /console/dist /console
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked && cp target/release/tenantry /tenantry

FROM debian:bookworm-20261005-slim
LABEL org.opencontainers.image.title="Tenantry" \
    org.opencontainers.image.description="Users, sign-in, e-mail verification and permissions for many tenants" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.licenses="Apache-2.0"
# A volume that is empty takes on the owner of what it covers.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/tenantry
COPY LICENSE NOTICE /usr/share/doc/tenantry/
COPY packaging/ready /usr/local/bin/tenantry-ready
COPY --from=server /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=server /tenantry /usr/local/bin/
ENV TENANTRY_LISTEN=0.0.0.0:8080 TENANTRY_DATA_DIR=/var/lib/tenantry
USER 10001:10001
VOLUME /var/lib/tenantry
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["tenantry-ready"]
ENTRYPOINT ["tenantry"]
