/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARP: RFC 826 and 5227.  ICMP echo: RFC 792 and 4443.  Neighbour discovery: RFC 4861.  DHCP: RFC
 * 2131 and 2132.  Answers are told apart by whom they are for, since ARP has no room for a token.
 */
#include "machine/mac_frame.h"

#include <string.h>

#define ETHER_HEADER 14
#define ARP_LENGTH   28
#define IPV4_HEADER  20
#define IPV6_HEADER  40
#define ECHO_LENGTH  16 /* header and some bytes */
#define NS_LENGTH    32 /* with the source link-layer address option */
#define DHCP_LENGTH  300

enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_VLAN = 0x8100, TYPE_IPV6 = 0x86dd };
enum { PROTOCOL_ICMP = 1, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };

static const struct mac everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

bool mac_ip_equal(const struct mac_ip *a, const struct mac_ip *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

bool mac_ip_none(const struct mac_ip *ip)
{
	static const struct mac_ip none;
	return mac_ip_equal(ip, &none);
}

void mac_link_local(const struct mac *mac, struct mac_ip *ip)
{
	*ip = (struct mac_ip){ { 0xfe, 0x80, [11] = 0xff, [12] = 0xfe } };
	memcpy(ip->byte + 8, mac->byte, 3);
	memcpy(ip->byte + 13, mac->byte + 3, 3);
	ip->byte[8] ^= 2;
}

/* The real MAC as one that nobody else would make an address of: with both bits of its use flipped.
 */
static void stranger(const struct mac_self *self, struct mac_ip *ip)
{
	mac_link_local(&self->real, ip);
	ip->byte[11] = 0xfd; /* not the ff:fe of any MAC's own address */
}

void mac_nobodys_address(const struct mac_self *self, struct mac_ip *ip)
{
	if (self->family == MAC_IPV4) {
		/* 192.0.2.0/24 is for documentation (RFC 5737) */
		*ip = (struct mac_ip){ { 192, 0, 2, (uint8_t)(1 + self->token % 254) } };
		return;
	}
	mac_link_local(&self->unseen, ip);
	ip->byte[11] = 0xfc;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* The internet checksum (RFC 1071) over bytes, added to a sum that was begun. */
static unsigned add_up(unsigned sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += (i & 1) != 0 ? bytes[i] : (unsigned)bytes[i] << 8;
	return sum;
}

static unsigned fold(unsigned sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Who a probe says it is from. */
static const struct mac *ethernet_source(const struct mac_self *self, enum mac_probe probe)
{
	bool forged = probe == MAC_EGRESS || probe == MAC_NESTED || probe == MAC_FORGED_ECHO ||
	              probe == MAC_SPARE || probe == MAC_DHCP;
	return forged ? &self->forged : &self->real;
}

/* Whom the answer is to go to. */
static const struct mac *sender(const struct mac_self *self, enum mac_probe probe)
{
	if (probe == MAC_INGRESS)
		return &self->unseen;
	return probe == MAC_NESTED || probe == MAC_SPARE ? &self->forged : &self->real;
}

static void sender_address(const struct mac_self *self, enum mac_probe probe, struct mac_ip *ip)
{
	*ip = (struct mac_ip){ { 0 } };
	if (probe == MAC_ALIVE || probe == MAC_ANYTHING || probe == MAC_SPARE_TAKEN)
		*ip = self->own;
	else if (probe == MAC_SPARE)
		*ip = self->spare;
	else if (self->family == MAC_IPV6 && (probe == MAC_INGRESS || probe == MAC_NESTED))
		mac_link_local(sender(self, probe), ip);
	else if (self->family == MAC_IPV6)
		stranger(self, ip);
}

static uint8_t *put_ether(uint8_t *frame, const struct mac *to, const struct mac *from,
                          unsigned type)
{
	memcpy(frame, to, 6);
	memcpy(frame + 6, from, 6);
	put16(frame + 12, type);
	return frame + ETHER_HEADER;
}

static size_t write_arp(const struct mac_self *self, enum mac_probe probe,
                        const struct mac_ip *target, uint8_t *frame)
{
	struct mac_ip from;
	uint8_t *arp = put_ether(frame, &everybody, ethernet_source(self, probe), TYPE_ARP);
	sender_address(self, probe, &from);
	put16(arp, 1); /* Ethernet */
	put16(arp + 2, TYPE_IPV4);
	arp[4] = 6;
	arp[5] = 4;
	put16(arp + 6, 1); /* request */
	memcpy(arp + 8, sender(self, probe), 6);
	memcpy(arp + 14, from.byte, 4);
	memset(arp + 18, 0, 6);
	memcpy(arp + 24, target->byte, 4);
	return ETHER_HEADER + ARP_LENGTH;
}

static uint8_t *put_ipv6(uint8_t *at, const struct mac_ip *from, const struct mac_ip *to,
                         unsigned length)
{
	memset(at, 0, IPV6_HEADER);
	at[0] = 6 << 4;
	put16(at + 4, length);
	at[6] = PROTOCOL_ICMPV6;
	at[7] = 255; /* neighbour discovery asks for it; a ping does not mind */
	memcpy(at + 8, from, 16);
	memcpy(at + 24, to, 16);
	return at + IPV6_HEADER;
}

/* With the pseudo-header of RFC 8200, 8.1. */
static void put_icmpv6_sum(const uint8_t *ip, uint8_t *icmp, size_t length)
{
	put16(icmp + 2, 0);
	unsigned sum = add_up((unsigned)length + PROTOCOL_ICMPV6, ip + 8, 32);
	put16(icmp + 2, fold(add_up(sum, icmp, length)));
}

static size_t write_solicitation(const struct mac_self *self, enum mac_probe probe,
                                 const struct mac_ip *target, uint8_t *frame)
{
	struct mac_ip from;
	struct mac_ip group = { { 0xff, 0x02, [11] = 1, [12] = 0xff } };
	struct mac group_mac = { { 0x33, 0x33, 0xff } };
	memcpy(group.byte + 13, target->byte + 13, 3);
	memcpy(group_mac.byte + 3, target->byte + 13, 3);
	sender_address(self, probe, &from);
	uint8_t *ip = put_ether(frame, &group_mac, ethernet_source(self, probe), TYPE_IPV6);
	uint8_t *icmp = put_ipv6(ip, &from, &group, NS_LENGTH);
	memset(icmp, 0, NS_LENGTH);
	icmp[0] = 135;
	memcpy(icmp + 8, target, 16);
	icmp[24] = 1; /* source link-layer address, in units of 8 bytes 1 */
	icmp[25] = 1;
	memcpy(icmp + 26, sender(self, probe), 6);
	put_icmpv6_sum(ip, icmp, NS_LENGTH);
	return ETHER_HEADER + IPV6_HEADER + NS_LENGTH;
}

static uint8_t *put_ipv4(uint8_t *at, unsigned protocol, const uint8_t *from, const uint8_t *to,
                         unsigned length)
{
	memset(at, 0, IPV4_HEADER);
	at[0] = 0x45;
	put16(at + 2, IPV4_HEADER + length);
	at[6] = 0x40; /* do not fragment */
	at[8] = 64;
	at[9] = (uint8_t)protocol;
	memcpy(at + 12, from, 4);
	memcpy(at + 16, to, 4);
	put16(at + 10, fold(add_up(0, at, IPV4_HEADER)));
	return at + IPV4_HEADER;
}

/* The sequence number says which ping of which round it is. */
static size_t write_echo(const struct mac_self *self, enum mac_probe probe,
                         const struct mac_ip *target, const struct mac *to, unsigned round,
                         uint8_t *frame)
{
	bool four = self->family == MAC_IPV4;
	uint8_t *ip =
	        put_ether(frame, to, ethernet_source(self, probe), four ? TYPE_IPV4 : TYPE_IPV6);
	uint8_t *icmp =
	        four ? put_ipv4(ip, PROTOCOL_ICMP, self->own.byte, target->byte, ECHO_LENGTH)
	             : put_ipv6(ip, &self->own, target, ECHO_LENGTH);
	memset(icmp, 0, ECHO_LENGTH);
	icmp[0] = four ? 8 : 128;
	put16(icmp + 4, self->token);
	put16(icmp + 6, (unsigned)probe << 8 | (round & 0xff));
	if (four)
		put16(icmp + 2, fold(add_up(0, icmp, ECHO_LENGTH)));
	else
		put_icmpv6_sum(ip, icmp, ECHO_LENGTH);
	return (size_t)(icmp - frame) + ECHO_LENGTH;
}

/* Without the broadcast flag: the offer is to come to F itself. */
static size_t write_dhcp(const struct mac_self *self, uint8_t *frame)
{
	static const uint8_t nobody[4];
	static const uint8_t options[] = { 0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255 };
	uint8_t *ip = put_ether(frame, &everybody, &self->forged, TYPE_IPV4);
	uint8_t *udp = put_ipv4(ip, PROTOCOL_UDP, nobody, everybody.byte, 8 + DHCP_LENGTH);
	memset(udp, 0, 8 + DHCP_LENGTH);
	put16(udp, 68);
	put16(udp + 2, 67);
	put16(udp + 4, 8 + DHCP_LENGTH); /* a checksum of 0 is none */
	uint8_t *dhcp = udp + 8;
	dhcp[0] = 1; /* request */
	dhcp[1] = 1;
	dhcp[2] = 6;
	put16(dhcp + 4, 0x4e52);
	put16(dhcp + 6, self->token);
	memcpy(dhcp + 28, &self->forged, 6);
	memcpy(dhcp + 236, options, sizeof options);
	return ETHER_HEADER + IPV4_HEADER + 8 + DHCP_LENGTH;
}

/* Puts the tag of IEEE 802.1Q after the addresses of a frame.  Returns the new length. */
static size_t put_tag(uint8_t *frame, unsigned vlan, size_t length)
{
	uint8_t *at = frame + 12;
	memmove(at + 4, at, length - 12);
	put16(at, TYPE_VLAN);
	put16(at + 2, vlan);
	return length + 4;
}

size_t mac_frame_write(const struct mac_self *self, enum mac_probe probe,
                       const struct mac_ip *target, const struct mac *to, unsigned round,
                       uint8_t frame[MAC_FRAME_MAX])
{
	if (probe == MAC_DHCP)
		return write_dhcp(self, frame);
	if (probe == MAC_ECHO || probe == MAC_FORGED_ECHO)
		return write_echo(self, probe, target, to, round, frame);
	size_t length = self->family == MAC_IPV4 ? write_arp(self, probe, target, frame)
	                                         : write_solicitation(self, probe, target, frame);
	return probe == MAC_VLAN ? put_tag(frame, self->vlan, length) : length;
}

static enum mac_landing landing_of(const struct mac_self *self, const uint8_t *frame)
{
	struct mac to;
	memcpy(&to, frame, sizeof to);
	if ((to.byte[0] & 1) != 0)
		return LANDED_ON_ALL;
	if (mac_equal(&to, &self->real))
		return LANDED_REAL;
	if (mac_equal(&to, &self->forged))
		return LANDED_FORGED;
	return mac_equal(&to, &self->unseen) ? LANDED_UNSEEN : LANDED_ELSEWHERE;
}

/* Which question was asked by this sender.  False: none of ours. */
static bool asked_by(const struct mac_self *self, const struct mac_ip *ip, enum mac_probe *probe)
{
	static const enum mac_probe senders[] = { MAC_ALIVE, MAC_SPARE, MAC_NESTED, MAC_INGRESS,
		                                  MAC_ANONYMOUS };
	for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
		struct mac_ip from;
		sender_address(self, senders[i], &from);
		*probe = senders[i];
		if (!mac_ip_none(&from) && mac_ip_equal(&from, ip))
			return true;
	}
	return false;
}

static bool read_arp(const struct mac_self *self, const uint8_t *arp, size_t length,
                     struct mac_answer *answer)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0, 2 }; /* a reply over Ethernet, IPv4 */
	struct mac_ip to = { { 0 } };
	struct mac hardware;
	if (self->family != MAC_IPV4 || length < ARP_LENGTH || memcmp(arp, head, sizeof head) != 0)
		return false;
	memcpy(&answer->from, arp + 8, 6);
	memcpy(answer->who.byte, arp + 14, 4);
	memcpy(&hardware, arp + 18, 6);
	memcpy(to.byte, arp + 24, 4);
	if (!mac_ip_none(&to))
		return asked_by(self, &to, &answer->probe);
	if (mac_equal(&hardware, &self->forged))
		answer->probe = MAC_NESTED;
	else if (mac_equal(&hardware, &self->unseen))
		answer->probe = MAC_INGRESS;
	else
		answer->probe = MAC_ANONYMOUS;
	return answer->probe != MAC_ANONYMOUS || mac_equal(&hardware, &self->real);
}

static bool read_echo(const struct mac_self *self, const uint8_t *icmp, size_t length,
                      struct mac_answer *answer)
{
	unsigned type = self->family == MAC_IPV4 ? 0 : 129;
	if (length < 8 || icmp[0] != type || icmp[1] != 0 || get16(icmp + 4) != self->token)
		return false;
	answer->probe = icmp[6] == MAC_ECHO ? MAC_ECHO : MAC_FORGED_ECHO;
	answer->round = icmp[7];
	return icmp[6] == MAC_ECHO || icmp[6] == MAC_FORGED_ECHO;
}

static bool read_dhcp(const struct mac_self *self, const uint8_t *udp, size_t length,
                      struct mac_answer *answer)
{
	const uint8_t *dhcp = udp + 8;
	answer->probe = MAC_DHCP;
	return length >= 8 + 236 && get16(udp) == 67 && get16(udp + 2) == 68 && dhcp[0] == 2 &&
	       get16(dhcp + 4) == 0x4e52 && get16(dhcp + 6) == self->token &&
	       memcmp(dhcp + 28, &self->forged, 6) == 0;
}

static bool read_ipv4(const struct mac_self *self, const uint8_t *ip, size_t length,
                      struct mac_answer *answer)
{
	size_t header = length < IPV4_HEADER ? 0 : (size_t)(ip[0] & 0x0f) * 4;
	if (self->family != MAC_IPV4 || header < IPV4_HEADER || header > length ||
	    (ip[6] & 0x3f) != 0 || ip[7] != 0) /* a fragment */
		return false;
	memcpy(answer->who.byte, ip + 12, 4);
	if (ip[9] == PROTOCOL_UDP)
		return read_dhcp(self, ip + header, length - header, answer);
	return ip[9] == PROTOCOL_ICMP && memcmp(ip + 16, self->own.byte, 4) == 0 &&
	       read_echo(self, ip + header, length - header, answer);
}

static bool read_ipv6(const struct mac_self *self, const uint8_t *ip, size_t length,
                      struct mac_answer *answer)
{
	struct mac_ip to;
	if (self->family != MAC_IPV6 || length < IPV6_HEADER + 8 || ip[6] != PROTOCOL_ICMPV6)
		return false;
	const uint8_t *icmp = ip + IPV6_HEADER;
	length -= IPV6_HEADER;
	memcpy(&answer->who, ip + 8, 16);
	memcpy(&to, ip + 24, 16);
	if (icmp[0] != 136)
		return mac_ip_equal(&to, &self->own) && read_echo(self, icmp, length, answer);
	if (length < 24 || icmp[1] != 0 || !asked_by(self, &to, &answer->probe))
		return false;
	memcpy(&answer->who, icmp + 8, 16);
	if (length >= 32 && icmp[24] == 2 && icmp[25] == 1) /* target link-layer address */
		memcpy(&answer->from, icmp + 26, 6);
	return true;
}

bool mac_frame_read(const struct mac_self *self, const uint8_t *frame, size_t length,
                    struct mac_answer *answer)
{
	if (length < ETHER_HEADER)
		return false;
	*answer = (struct mac_answer){ .landing = landing_of(self, frame) };
	memcpy(&answer->from, frame + 6, 6);
	const uint8_t *payload = frame + ETHER_HEADER;
	length -= ETHER_HEADER;
	switch (get16(frame + 12)) {
	case TYPE_ARP:
		return read_arp(self, payload, length, answer);
	case TYPE_IPV4:
		return read_ipv4(self, payload, length, answer);
	case TYPE_IPV6:
		return read_ipv6(self, payload, length, answer);
	default:
		return false;
	}
}

bool mac_frame_is_ours(const struct mac_self *self, const uint8_t *frame, size_t length)
{
	return length >= ETHER_HEADER &&
	       (memcmp(frame + 6, &self->real, 6) == 0 || memcmp(frame + 6, &self->forged, 6) == 0);
}
