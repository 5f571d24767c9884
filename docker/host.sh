#!/usr/bin/env bash
# A host of docker-compose.yml: Open vSwitch, the uplink's address, guests. Settings come from the environment:
#   HOST       its name in flowloom.yaml                     hv1
#   UNDERLAY   its address on the underlay network           192.168.50.4/24
#   UPLINK     what the underlay's device is to be called    eth1
#   PHY        the bridge that holds the uplink              br-phy1
#   GUESTS     name=address …; their devices get the names   vm1=10.10.0.1/24 vm2=10.10.0.2/24
#   GUEST_MTU  what fits into the tunnel                     1450
set -euo pipefail

run=${OVS_RUNDIR:-/var/run/openvswitch}
database=$run/conf.db
mkdir -p "$run"
export OVS_RUNDIR=$run

say() { echo "$HOST: $*"; }

# until_true WHAT COMMAND…: waits for a state, at most a minute.
until_true() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      say "waited a minute in vain: $what" >&2
      exit 1
    fi
    sleep 0.2
  done
}

# The engine names devices in an order of its own: the underlay's is found by its address.
name_uplink() {
  local device
  device=$(ip -o -4 address show to "${UNDERLAY%/*}" | awk '{ print $2; exit }')
  device=${device%@*}
  if [ -z "$device" ]; then
    say "no device has the address ${UNDERLAY%/*}: is the underlay network attached?" >&2
    exit 1
  fi
  if [ "$device" != "$UPLINK" ]; then
    if [ -e "/sys/class/net/$UPLINK" ]; then rename "$UPLINK" mgmt0; fi
    rename "$device" "$UPLINK"
  fi
  # The address belongs on the bridge's own port; on the bare device the tunnel would not find its way.
  ip address flush dev "$UPLINK"
  ethtool -K "$UPLINK" tx off tso off gso off >/dev/null
  ip link set "$UPLINK" up
}

rename() {
  ip link set "$1" down
  ip link set "$1" name "$2"
  ip link set "$2" up
}

start_open_vswitch() {
  # The kernel must not answer ARP on Open vSwitch's ports for addresses that it has elsewhere.
  sysctl -q -w net.ipv4.conf.all.arp_ignore=1
  rm -f "$run/db.sock"
  [ -e "$database" ] || ovsdb-tool create "$database" /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server "$database" --remote="punix:$run/db.sock" --remote=ptcp:6640 \
    --remote=db:Open_vSwitch,Open_vSwitch,manager_options --unixctl="$run/db.ctl" &
  until_true 'ovsdb-server listens' test -S "$run/db.sock"
  ovs-vsctl --db="unix:$run/db.sock" --no-wait init -- set Open_vSwitch . "external_ids:system-id=$HOST"
  ovs-vswitchd "unix:$run/db.sock" --unixctl="$run/sw.ctl" &
  switch=$!
  until_true 'ovs-vswitchd answers' ovs-appctl -t "$run/sw.ctl" version
}

add_guest() {
  local name=$1 address=$2
  # A container that is started again still has the name, but nothing behind it.
  if [ -e "/run/netns/$name" ]; then ip netns delete "$name"; fi
  ip netns add "$name"
  ip link add "$name" type veth peer name eth0 netns "$name"
  ip netns exec "$name" sysctl -e -q -w net.ipv6.conf.all.disable_ipv6=1
  ip netns exec "$name" ethtool -K eth0 tx off tso off gso off >/dev/null
  ethtool -K "$name" tx off tso off gso off >/dev/null
  ip link set "$name" up
  ip -n "$name" address add "$address" dev eth0
  ip -n "$name" link set eth0 mtu "${GUEST_MTU:-1450}" up
  ip -n "$name" link set lo up
}

stop() {
  trap - EXIT
  kill $(jobs -p) 2>/dev/null || true
  wait || true
}
trap stop EXIT
trap 'exit 0' TERM INT

name_uplink
for guest in $GUESTS; do add_guest "${guest%%=*}" "${guest#*=}"; done
start_open_vswitch
say 'Open vSwitch runs; waiting for Flowloom to make the bridges'
until_true "Flowloom makes $PHY" test -e "/sys/class/net/$PHY"
ip address add "$UNDERLAY" dev "$PHY"
ip link set "$PHY" up
say "ready: $GUESTS"
wait "$switch"
