# Penstock as a container. Build: docker build -t penstock . ; run: see docker-compose.yml.
FROM debian:bookworm-slim AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      gcc libc6-dev make autoconf automake libtool pkg-config \
      librdkafka-dev libpq-dev libmicrohttpd-dev libjansson-dev libpcre2-dev libcurl4-openssl-dev \
 && rm -rf /var/lib/apt/lists/*
COPY . /src
WORKDIR /src
RUN ./autogen.sh \
 && mkdir /build && cd /build && /src/configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
 && make -j"$(nproc)" && make install-strip DESTDIR=/out

FROM debian:bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      librdkafka1 libpq5 libmicrohttpd12 libjansson4 libpcre2-8-0 libcurl4 libsasl2-modules ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/penstock --create-home --shell /usr/sbin/nologin penstock
COPY --from=build /out/usr /usr
USER penstock
WORKDIR /var/lib/penstock
# What a standalone worker must not lose: its offsets.
VOLUME /var/lib/penstock
EXPOSE 8083
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8083 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["penstock"]
CMD ["standalone", "/etc/penstock/worker.properties"]
