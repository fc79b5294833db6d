# SPDX-License-Identifier: GPL-2.0-or-later
"""Every port policy and every gateway that the test of MAC filtering has to tell apart.

A case is a policy of the port vnet0, written for nft(8) and bridge(8) as Linux hosts have it, a
gateway, and the verdict that is true of both: (word, confidence).
"""
from typing import NamedTuple

M = "02:00:00:00:00:11"  # the guest
OPEN, EGRESS, INGRESS = "open", "egress-filtered", "ingress-filtered"
FILTERED, UNKNOWN = "filtered", "egress-ok-ingress-unknown"


class Case(NamedTuple):
    word: str
    confidence: str = "high"
    port: tuple = ()  # commands on the host; those that begin with `chain` are rules, see net.py
    inside: tuple = ()  # commands in the guest
    beyond: tuple = ()  # commands in the gateway
    gateway: tuple = ("kernel",)
    ipv6: bool = False
    nic: str = "veth"
    arguments: tuple = ()
    vlan: bool = None  # what net.vlan is to say
    # Percent of the frames, each way, so that of questions 1 - (1 - loss/100)^2 go without an
    # answer; then saying less than `word` is off, and no contradiction.
    loss: int = 0
    # Saying less is no contradiction here, either: losses in bursts, limits, a link that dies.
    unsure: bool = False


FORGED = ("chain prerouting iifname vnet0 ether saddr != {M} drop",)
PROMISCUOUS = (
    "chain postrouting oifname vnet0 ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 "
    "ether daddr != {M} drop",)
STATIC = ("bridge link set dev vnet0 learning off flood off",
          "bridge fdb replace {M} dev vnet0 master static")
LIMIT_ONE = ("set learned {{ type ether_addr; size 1; flags dynamic; }}",
             "chain prerouting iifname vnet0 ether saddr @learned accept",
             "chain prerouting iifname vnet0 ether saddr {M} add @learned {{ ether saddr }} accept",
             "chain prerouting iifname vnet0 drop")
SHUT = ("set dead {{ type ifname; flags dynamic; timeout 1h; }}",
        "chain prerouting iifname vnet0 ether saddr != {M} add @dead {{ iifname }} drop",
        "chain prerouting iifname @dead drop")
IPFILTER = ("chain prerouting iifname vnet0 ether type arp arp saddr ip 10.0.0.2 accept",
            "chain prerouting iifname vnet0 ether type arp drop")
CLEAN = ("chain prerouting iifname vnet0 ether saddr != {M} drop",
         "chain prerouting iifname vnet0 ether type arp arp saddr ether != {M} drop",
         "chain prerouting iifname vnet0 ether type arp arp saddr ip != 10.0.0.2 drop",
         "chain postrouting oifname vnet0 ether type arp arp daddr ether != {M} drop")

ISOLATED = ("bridge link set dev vnet0 isolated on", "bridge link set dev up0 isolated on")
SUPPRESSED = ("ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:fe dev br0 nud permanent",
              "bridge fdb replace 02:00:00:00:00:fe dev up0 master static",
              "bridge link set dev up0 neigh_suppress on")
ARP_ONLY = ("chain prerouting iifname vnet0 ether type ip ether saddr != {M} drop",)


TAGS_DROPPED = ("chain prerouting iifname vnet0 ether type 8021q drop",)
TAGS_NOT_IN = ("chain postrouting oifname vnet0 ether type 8021q drop",)

TWO = ("--nics", "eth0,eth1")


def loss(percent):
    return (f"chain prerouting numgen random mod 100 < {percent} drop",)


# Both families; what one says is not enough in these networks, and the other is asked right after it.
DUAL = ("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0", "ip -6 route add default via fe80::fe dev eth0")

# Binds addresses to the guest, and asks no MAC: a question without a sender passes.
IP_GUARD = ("chain prerouting iifname vnet0 ether type arp arp saddr ip != {{ 0.0.0.0, 10.0.0.2 }} drop",
            "chain prerouting iifname vnet0 ether type ip ip saddr != 10.0.0.2 drop")

# A gateway that binds the guest's address to its MAC.
BOUND = ("nft add table netdev bound",
         "nft 'add chain netdev bound in {{ type filter hook ingress device eth0 priority 0; }}'",
         "nft add rule netdev bound in ip saddr 10.0.0.2 ether saddr != {M} drop")

# The address that comes first is of another network than the gateway's.
OTHER_FIRST = ("ip address flush dev eth0", "ip address add 192.168.5.2/24 dev eth0",
               "ip address add 10.0.0.2/24 dev eth0", "ip route add default via 10.0.0.1")
DEAD_END = ("ip link add d0 up type veth peer name d1",)


# Five frames in a row of each 25, from and to whomever.
BURSTS = ("chain prerouting numgen inc mod 25 < 5 drop",)


POLICIES = {
    "open": ((), OPEN),
    "learning": (("bridge link set dev vnet0 flood off learning on",), OPEN),
    "forged": (FORGED, EGRESS),
    "promiscuous": (PROMISCUOUS, INGRESS),
    "both": (FORGED + PROMISCUOUS, FILTERED),
    "static": (STATIC, INGRESS),
    "static-forged": (STATIC + FORGED, FILTERED),
}

# gateway: what becomes of a policy's word behind it; a word of its own, or None as it is
GATEWAYS = {
    "kernel": (("kernel",), {}),
    "user": ((), {}),
    "mute": (("kernel", "mute"), {OPEN: (OPEN, "medium")}),
    "slow": (("delay=300",), {}),
    "twice": (("twice",), {}),
    "by-source": (("by-source",), {EGRESS: (EGRESS, "medium"), FILTERED: (EGRESS, "medium")}),
    "broadcast": (("broadcast",), {OPEN: (UNKNOWN, "medium"), INGRESS: (UNKNOWN, "medium"),
                                   EGRESS: (EGRESS, "medium"), FILTERED: (EGRESS, "medium")}),
    "strict": (("ignore-nobody",), {OPEN: (UNKNOWN, "medium"), INGRESS: (UNKNOWN, "medium"),
                                    EGRESS: (EGRESS, "medium"), FILTERED: (EGRESS, "medium")}),
}


def product():
    for gateway, (habits, changes) in GATEWAYS.items():
        for policy, (port, word) in POLICIES.items():
            yield (f"{policy}/{gateway}",
                   Case(*changes.get(word, (word, "high")), port, gateway=habits))


CASES = dict(product()) | {
    # IPv6 alone
    **{f"{policy}/ipv6": Case(word, port=port, ipv6=True)
       for policy, (port, word) in POLICIES.items()},
    "open/ipv6-mute": Case(OPEN, "medium", ipv6=True, gateway=("kernel", "mute")),
    "both/ipv6-mute": Case(FILTERED, port=FORGED + PROMISCUOUS, ipv6=True, gateway=("kernel", "mute")),
    # other ports
    "macfilter": Case(EGRESS, port=("chain forward iifname vnet0 ether saddr != {M} drop",)),
    "locked": Case(EGRESS, port=("bridge link set dev vnet0 learning off locked on",
                                 "bridge fdb replace {M} dev vnet0 master static")),
    "limit-one": Case(EGRESS, port=LIMIT_ONE),
    # Isolated ports reach those that are not: here the gateway's, and not that of the other interface.
    "isolated": Case(OPEN, port=("bridge link set dev vnet0 isolated on",)),
    "isolated/gateway": Case("no-responder", port=ISOLATED),
    "isolated/two": Case("no-responder", port=("bridge link set dev vnet0 isolated on",
                                               "bridge link set dev vnet1 isolated on"),
                         gateway=("none",), nic="two", arguments=TWO),
    # What is sent to all is not delivered to a port: answers are, questions are not.
    "no-broadcast/guest": Case(OPEN, port=("bridge link set dev vnet0 bcast_flood off",)),
    "no-broadcast/gateway": Case("no-responder", port=("bridge link set dev up0 bcast_flood off",)),
    "no-multicast/guest": Case(OPEN, port=("bridge link set dev vnet0 mcast_flood off",), ipv6=True),
    "no-multicast/gateway": Case("no-responder", port=("bridge link set dev up0 mcast_flood off",), ipv6=True),
    # As EVPN: the switch answers for the gateway, and delivers no question without a sender.
    "suppressed/open": Case(UNKNOWN, "medium", SUPPRESSED),
    "suppressed/forged": Case(EGRESS, "medium", SUPPRESSED + FORGED),
    "suppressed/both": Case(EGRESS, "medium", SUPPRESSED + FORGED + PROMISCUOUS),
    "suppressed/mute": Case("inconclusive", "low", SUPPRESSED, gateway=("kernel", "mute")),
    "ipfilter": Case(UNKNOWN, "medium", IPFILTER),
    "ipfilter-macfilter": Case(EGRESS, "medium", FORGED + IPFILTER),
    "clean-traffic": Case(EGRESS, "medium", CLEAN),
    "shut": Case("port-blocked", "medium", SHUT),
    "shut/mute": Case("port-blocked", "medium", SHUT, gateway=("kernel", "mute")),
    "hairpin": Case(OPEN, port=("bridge link set dev vnet0 hairpin on",)),
    "hairpin/forged": Case(EGRESS, port=("bridge link set dev vnet0 hairpin on", *FORGED)),
    "macvlan-bridge": Case(INGRESS, nic="bridge"),
    "macvlan-private": Case(INGRESS, nic="private"),
    "macvlan-vepa": Case(INGRESS, nic="vepa"),
    "macvlan-passthru": Case(OPEN, nic="passthru"),
    # the guest itself
    "local": Case("local-filter", inside=(
        "nft add table netdev own",
        "nft 'add chain netdev own out {{ type filter hook egress device eth0 priority 0; }}'",
        "nft add rule netdev own out ether saddr != {M} drop")),
    "port-of-a-bridge": Case(OPEN, inside=(
        "ip link add br1 type bridge", "ip link set br1 address {M}", "ip link set br1 up",
        "ip address del 10.0.0.2/24 dev eth0", "ip link set eth0 master br1",
        "ip address add 10.0.0.2/24 dev br1", "ip route add default via 10.0.0.1")),
    "down": Case("link-down", inside=("ip link set eth0 down",), arguments=("--nics", "eth0")),
    "bridge": Case("not-applicable", inside=("ip link add br1 type bridge",),
                   arguments=("--nics", "br1")),
    # addresses, routes and interfaces that hide the one that counts
    "other-first/open": Case(OPEN, inside=OTHER_FIRST, beyond=("sysctl -qw net.ipv4.conf.eth0.rp_filter=1",)),
    "other-first/both": Case(FILTERED, port=FORGED + PROMISCUOUS, inside=OTHER_FIRST),
    "many-addresses": Case(OPEN, inside=(
        *DEAD_END, "for i in $(seq 300); do echo address add 172.16.$((i / 250)).$((i % 250))/32 dev d0; done | "
        "ip -batch -")),
    "second-hop": Case(OPEN, inside=(
        *DEAD_END, "ip address add 10.9.0.2/24 dev d0",
        "ip route replace default nexthop via 10.9.0.1 dev d0 nexthop via 10.0.0.1 dev eth0")),
    "no-gateway": Case(OPEN, inside=("ip route replace default dev eth0",
                                     "ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:fe dev eth0 nud stale")),
    "tunnel": Case(OPEN, inside=("ip tuntap add tun0 mode tun", "ip link set tun0 up",
                                 "ip address add 10.8.0.2/24 dev tun0",
                                 "ip route add default via 10.8.0.1 dev tun0 metric 500")),
    "no-ascii": Case(OPEN, inside=(
        "N=$(printf 'caf\\303\\251')", "ip link set eth0 down", 'ip link set eth0 name "$N"',
        'ip link set "$N" up', "ip route add default via 10.0.0.1")),
    "both-families/mute": Case(OPEN, "medium", gateway=("kernel", "mute"), inside=DUAL),
    "both-families/ipv4-dropped": Case(EGRESS, "medium", ARP_ONLY, inside=DUAL),
    "both-families/suppressed": Case(OPEN, port=SUPPRESSED, inside=DUAL),
    "both-families/loss": Case(EGRESS, port=loss(20) + FORGED, inside=DUAL, loss=20),
    # other gateways
    "bound": Case(EGRESS, "medium", beyond=BOUND),
    "nobody": Case("no-responder", gateway=("none",)),
    "very-slow/open": Case(OPEN, gateway=("delay=1500",)),
    "very-slow/both": Case(FILTERED, port=FORGED + PROMISCUOUS, gateway=("delay=1500",)),
    "arp-limit/open": Case(OPEN, gateway=("arp-limit=3",)),
    "arp-limit/forged": Case(EGRESS, "medium", FORGED, gateway=("arp-limit=1",)),
    "strict-mute": Case("inconclusive", "low", gateway=("ignore-nobody", "no-echo")),
    "anything/open": Case(OPEN, gateway=("anything",)),
    "anything-mute/open": Case("inconclusive", "low", gateway=("anything", "no-echo")),
    # opt-ins
    "spare/strict": Case(OPEN, gateway=("ignore-nobody",), arguments=("--mac-spare-ip", "10.0.0.77")),
    "spare/strict-both": Case(EGRESS, "medium", FORGED + PROMISCUOUS, gateway=("ignore-nobody",),
                              arguments=("--mac-spare-ip", "10.0.0.77")),
    "spare-taken": Case(UNKNOWN, "medium", gateway=("ignore-nobody", "anything"),
                        arguments=("--mac-spare-ip", "10.0.0.77")),
    # an address of the guest itself, or of the gateway, is no spare one
    "spare/own": Case(UNKNOWN, "medium", gateway=("ignore-nobody",), arguments=("--mac-spare-ip", "10.0.0.2")),
    "spare/gateway": Case(OPEN, arguments=("--mac-spare-ip", "10.0.0.1")),
    "spare/ip-guard": Case(EGRESS, "medium", IP_GUARD, arguments=("--mac-spare-ip", "10.0.0.77")),
    "spare/arp-proxy": Case(EGRESS, "medium", ARP_ONLY, gateway=("ignore-nobody",),
                            arguments=("--mac-spare-ip", "10.0.0.77")),
    "ip-guard": Case(OPEN, port=IP_GUARD),
    # DHCP passes, and nothing else from other MACs
    "dhcp/alone": Case(EGRESS, port=("chain prerouting iifname vnet0 udp dport 67 accept", *FORGED),
                       gateway=("kernel", "answers-dhcp"), arguments=("--mac-dhcp",)),
    "dhcp/open": Case(OPEN, "medium", gateway=("kernel", "dhcp"), arguments=("--mac-dhcp",)),
    "dhcp/no-address": Case(OPEN, "medium", gateway=("kernel", "dhcp"), inside=("ip address flush dev eth0",),
                            arguments=("--mac-dhcp", "--nics", "eth0")),
    "dhcp/forged": Case("no-responder", port=FORGED, gateway=("kernel", "dhcp"),
                        arguments=("--mac-dhcp",)),
    "dhcp/promiscuous": Case("no-responder", port=PROMISCUOUS, gateway=("kernel", "dhcp"),
                             arguments=("--mac-dhcp",)),
    **{f"echo/{policy}": Case(word, port=port, gateway=("kernel", "mute", "far"),
                              arguments=("--mac-echo", "10.1.0.2"))
       for policy, (port, word) in POLICIES.items()},
    # Pings from F are dropped, and what answers ARP in the gateway's name does not mind F.
    "echo/arp-proxy": Case(EGRESS, "medium", port=ARP_ONLY, gateway=("kernel", "mute", "far"),
                           arguments=("--mac-echo", "10.1.0.2")),
    "arp-proxy": Case(OPEN, "medium", port=ARP_ONLY, gateway=("kernel", "mute", "far")),
    # tags
    **{f"vlan/{name}": Case(word, port=port, gateway=("vlan=20",), arguments=("--mac-vlan", vlan),
                            vlan=answer)
       for name, port, word, vlan, answer in (
           ("passes", (), OPEN, "20", True), ("passes/both", FORGED + PROMISCUOUS, FILTERED, "20", True),
           ("other", (), OPEN, "30", None),
           ("dropped", ("chain prerouting iifname vnet0 ether type 8021q drop",), OPEN, "20", None))},
    # An ARP proxy of the switch answers for the gateway, which itself answers nothing.
    "blind-spot": Case(OPEN, "medium", nic="proxy"),
    # frames to other MACs before the test
    **{f"foreign/{policy}": Case(POLICIES[policy][1], port=POLICIES[policy][0],
                                 gateway=("kernel", "foreign")) for policy in ("open", "forged", "both")},
    # Nobody answers in the VLAN, and the other interface tells what becomes of the tag.
    **{f"two/vlan-{name}": Case(word, confidence, port, gateway=gateway, nic="two", vlan=answer,
                                arguments=(*TWO, "--mac-vlan", "20"))
       for name, word, confidence, port, gateway, answer in (
           ("passes", OPEN, "medium", (), ("none",), True),
           ("dropped", OPEN, "medium", TAGS_DROPPED, ("none",), False),
           ("not-coming-in", OPEN, "high", TAGS_NOT_IN, ("kernel",), False),
           ("passes-both", FILTERED, "high", (*FORGED, *PROMISCUOUS), ("kernel",), True),
       )},
    # Nobody answers, and a second interface of the guest is on the same segment, or is not.
    **{f"two/{name}": Case(word, "medium", port, gateway=("none",), nic="two", arguments=TWO)
       for name, (port, word) in (POLICIES | {"shut": (SHUT, "port-blocked"),
                                              "limit-one": (LIMIT_ONE, EGRESS)}).items()},
    **{f"two/loss-{percent}/{name}": Case(word, "medium", loss(percent) + port, gateway=("none",),
                                          nic="two", arguments=TWO, loss=percent)
       for percent in (5, 20) for name, (port, word) in POLICIES.items()},
    "apart": Case("no-responder", gateway=("none",), nic="apart", arguments=TWO),
    # loss: a tenth over the gateway that answers all, a fifth over every one
    **{f"loss-10/{policy}": Case(word, port=loss(10) + port, loss=10)
       for policy, (port, word) in POLICIES.items() if not policy.startswith("static")},
    **{f"loss-20/{name}": case._replace(port=loss(20) + case.port, loss=20)
       for name, case in product()},
    **{f"loss-20/{policy}/ipv6": Case(word, port=loss(20) + port, ipv6=True, loss=20)
       for policy, (port, word) in POLICIES.items() if not policy.startswith("static")},
    # losses in a row
    **{f"bursts/{policy}{'/ipv6' * ipv6}": Case(word, port=BURSTS + port, ipv6=ipv6, unsure=True)
       for ipv6 in (False, True) for policy, (port, word) in POLICIES.items()
       if not policy.startswith("static")},
    **{f"{name}/{policy}": Case(word, port=port, gateway=habits, unsure=True)
       for policy, (port, word) in POLICIES.items() if not policy.startswith("static")
       for name, habits in {
           "bursts-5": ("loss=20", "burst=5"), "dead": ("dead=2000",),
           # who answers 8 a second, one at a time; 5 ARP, likewise
           "echo-rate": ("echo-rate=8",), "arp-rate": ("arp-rate=5",)}.items()},
}
