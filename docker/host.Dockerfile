# A machine that runs Open vSwitch with its userspace datapath, and its guests.
FROM debian:12-slim
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    openvswitch-switch iproute2 iputils-ping ethtool procps curl tcpdump \
  && rm -rf /var/lib/apt/lists/*
COPY docker/host.sh /usr/local/bin/host.sh
ENTRYPOINT ["/bin/bash", "/usr/local/bin/host.sh"]
