/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See live_nics.h; rtnetlink(7).  What netlink does not tell (driver, Wi-Fi), ioctls do. */
#include "machine/live_nics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/wireless.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "machine/libmnl.h"
#include "machine/live.h"

/* What the callbacks of libmnl work with. */
struct reading {
	struct libmnl mnl;
	struct mnl_socket *socket;
	struct nics *nics;
	uint32_t sent;
};

/* Every attribute of a message by its number. */
#define ATTRIBUTES 64

struct attributes {
	const struct libmnl *mnl;
	const struct nlattr *at[ATTRIBUTES];
};

static int keep_attribute(const struct nlattr *attribute, void *context)
{
	struct attributes *attributes = context;
	uint16_t type = attributes->mnl->attr_get_type(attribute);
	if (type < ATTRIBUTES)
		attributes->at[type] = attribute;
	return MNL_CB_OK;
}

static void read_attributes(const struct reading *reading, const struct nlmsghdr *message,
                            size_t header, struct attributes *attributes)
{
	*attributes = (struct attributes){ &reading->mnl, { NULL } };
	reading->mnl.attr_parse(message, (unsigned)header, keep_attribute, attributes);
}

/* The bytes of an attribute of that length; NULL when it is not there or of another. */
static const void *payload(const struct attributes *attributes, size_t number, size_t length)
{
	const struct nlattr *attribute = attributes->at[number];
	if (attribute == NULL || attributes->mnl->attr_get_payload_len(attribute) != length)
		return NULL;
	return attributes->mnl->attr_get_payload(attribute);
}

static uint32_t number_of(const struct attributes *attributes, size_t number)
{
	uint32_t value = 0;
	const void *bytes = payload(attributes, number, sizeof value);
	if (bytes != NULL)
		memcpy(&value, bytes, sizeof value);
	return value;
}

static void copy_word(const struct attributes *attributes, size_t number, char *to, size_t size)
{
	const struct nlattr *attribute = attributes->at[number];
	to[0] = '\0';
	if (attribute != NULL &&
	    attributes->mnl->attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		text_cut(to, size, attributes->mnl->attr_get_payload(attribute));
}

static void copy_mac(const struct attributes *attributes, size_t number, char to[NIC_MAC])
{
	static const uint8_t none[6];
	const uint8_t *mac = payload(attributes, number, sizeof none);
	to[0] = '\0';
	if (mac != NULL && memcmp(mac, none, sizeof none) != 0)
		snprintf(to, NIC_MAC, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		         mac[3], mac[4], mac[5]);
}

static void copy_kind(const struct attributes *link, char to[NIC_NAME])
{
	struct attributes attributes = { link->mnl, { NULL } };
	to[0] = '\0';
	if (link->at[IFLA_LINKINFO] == NULL)
		return;
	link->mnl->attr_parse_nested(link->at[IFLA_LINKINFO], keep_attribute, &attributes);
	copy_word(&attributes, IFLA_INFO_KIND, to, NIC_NAME);
}

/* The last member of the newest structure: kernels before 5.19 send a shorter one. */
static uint64_t count_foreign(const struct attributes *link)
{
	const struct nlattr *found = link->at[IFLA_STATS64];
	const size_t place = offsetof(struct rtnl_link_stats64, rx_otherhost_dropped);
	uint64_t count = 0;
	if (found != NULL && link->mnl->attr_get_payload_len(found) >= place + sizeof count)
		memcpy(&count, (const char *)link->mnl->attr_get_payload(found) + place,
		       sizeof count);
	return count;
}

static unsigned flags_of(const struct ifinfomsg *link)
{
	unsigned flags = 0;
	if (link->ifi_type == ARPHRD_ETHER)
		flags |= NIC_ETHERNET;
	if (link->ifi_type == ARPHRD_LOOPBACK)
		flags |= NIC_LOOPBACK;
	if ((link->ifi_flags & IFF_UP) != 0)
		flags |= NIC_UP;
	if ((link->ifi_flags & IFF_LOWER_UP) != 0)
		flags |= NIC_CARRIER;
	return flags;
}

/* The kernel takes any byte for a name, and a fact's key does not. */
static void keep_ascii(char *name)
{
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~')
			*name = '?';
}

static int take_link(const struct nlmsghdr *message, void *context)
{
	const struct reading *reading = context;
	const struct ifinfomsg *link = reading->mnl.nlmsg_get_payload(message);
	struct nics *nics = reading->nics;
	struct attributes attributes;
	if (nics->count == NICS_MAX)
		return MNL_CB_OK;
	struct nic *nic = &nics->nic[nics->count++];
	read_attributes(reading, message, sizeof *link, &attributes);
	*nic = (struct nic){
		.index = (unsigned)link->ifi_index,
		.master = number_of(&attributes, IFLA_MASTER),
		.mtu = number_of(&attributes, IFLA_MTU),
		.flags = flags_of(link),
		.foreign = count_foreign(&attributes),
	};
	copy_word(&attributes, IFLA_IFNAME, nic->name, sizeof nic->name);
	keep_ascii(nic->name);
	copy_kind(&attributes, nic->kind);
	copy_mac(&attributes, IFLA_ADDRESS, nic->mac);
	copy_mac(&attributes, IFLA_PERM_ADDRESS, nic->permanent);
	return MNL_CB_OK;
}

static bool has_enough(const struct nics *nics, const struct nic_place *like)
{
	size_t count = 0;
	for (size_t i = 0; i < nics->place_count; i++)
		count += nics->place[i].kind == like->kind && nics->place[i].index == like->index;
	return count == NIC_PLACES_ONE || nics->place_count == NIC_PLACES_MAX;
}

/* A place whose address is that attribute; a gateway without one is nobody. */
static void add_place(struct nics *nics, const struct nic_place *like, int family,
                      const struct attributes *attributes, size_t number)
{
	const void *address = payload(attributes, number, family == AF_INET ? 4 : 16);
	if ((address == NULL && like->kind != NIC_GATEWAY) ||
	    (family != AF_INET && family != AF_INET6) || has_enough(nics, like))
		return;
	struct nic_place *place = &nics->place[nics->place_count];
	*place = *like;
	if (address == NULL)
		text_cut(place->address, sizeof place->address, NIC_NOBODY);
	if (address == NULL ||
	    inet_ntop(family, address, place->address, sizeof place->address) != NULL)
		nics->place_count++;
}

static int take_address(const struct nlmsghdr *message, void *context)
{
	const struct reading *reading = context;
	const struct ifaddrmsg *address = reading->mnl.nlmsg_get_payload(message);
	const struct nic_place like = { .kind = NIC_OWN,
		                        .index = address->ifa_index,
		                        .rank = address->ifa_prefixlen };
	struct attributes attributes;
	read_attributes(reading, message, sizeof *address, &attributes);
	size_t own = attributes.at[IFA_LOCAL] != NULL ? IFA_LOCAL : IFA_ADDRESS;
	if ((address->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0)
		add_place(reading->nics, &like, address->ifa_family, &attributes, own);
	return MNL_CB_OK;
}

static void take_hops(const struct reading *reading, int family, struct nic_place *like,
                      const struct nlattr *hops)
{
	const char *at = reading->mnl.attr_get_payload(hops);
	const char *end = at + reading->mnl.attr_get_payload_len(hops);
	struct rtnexthop hop;
	for (; (size_t)(end - at) >= sizeof hop; at += RTNH_ALIGN(hop.rtnh_len)) {
		struct attributes attributes = { &reading->mnl, { NULL } };
		memcpy(&hop, at, sizeof hop);
		if (hop.rtnh_len < sizeof hop || RTNH_ALIGN(hop.rtnh_len) > end - at)
			return;
		reading->mnl.attr_parse_payload(at + sizeof hop, hop.rtnh_len - sizeof hop,
		                                keep_attribute, &attributes);
		like->index = (unsigned)hop.rtnh_ifindex;
		add_place(reading->nics, like, family, &attributes, RTA_GATEWAY);
	}
}

static int take_route(const struct nlmsghdr *message, void *context)
{
	const struct reading *reading = context;
	const struct rtmsg *route = reading->mnl.nlmsg_get_payload(message);
	struct attributes attributes;
	if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	read_attributes(reading, message, sizeof *route, &attributes);
	struct nic_place like = { .kind = NIC_GATEWAY,
		                  .index = number_of(&attributes, RTA_OIF),
		                  .rank = number_of(&attributes, RTA_PRIORITY) };
	if (attributes.at[RTA_MULTIPATH] != NULL)
		take_hops(reading, route->rtm_family, &like, attributes.at[RTA_MULTIPATH]);
	else
		add_place(reading->nics, &like, route->rtm_family, &attributes, RTA_GATEWAY);
	return MNL_CB_OK;
}

static int take_neighbour(const struct nlmsghdr *message, void *context)
{
	const struct reading *reading = context;
	const struct ndmsg *neighbour = reading->mnl.nlmsg_get_payload(message);
	const struct nic_place like = { .kind = NIC_NEIGHBOUR,
		                        .index = (unsigned)neighbour->ndm_ifindex };
	struct attributes attributes;
	read_attributes(reading, message, sizeof *neighbour, &attributes);
	if ((neighbour->ndm_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE)) != 0 &&
	    attributes.at[NDA_LLADDR] != NULL)
		add_place(reading->nics, &like, neighbour->ndm_family, &attributes, NDA_DST);
	return MNL_CB_OK;
}

static int take_sent(const struct nlmsghdr *message, void *context)
{
	struct reading *reading = context;
	struct attributes attributes;
	read_attributes(reading, message, sizeof(struct ifinfomsg), &attributes);
	const struct nlattr *found = attributes.at[IFLA_STATS];
	const size_t place = offsetof(struct rtnl_link_stats, tx_packets);
	if (found != NULL &&
	    reading->mnl.attr_get_payload_len(found) >= place + sizeof reading->sent)
		memcpy(&reading->sent, (const char *)reading->mnl.attr_get_payload(found) + place,
		       sizeof reading->sent);
	return MNL_CB_STOP;
}

/* What is asked for, in this order: gateways come before neighbours. */
static const struct {
	uint16_t type;
	uint16_t header; /* bytes of the message's own header */
	mnl_cb_t take;
} dumps[] = {
	{ RTM_GETLINK, sizeof(struct ifinfomsg), take_link },
	{ RTM_GETADDR, sizeof(struct ifaddrmsg), take_address },
	{ RTM_GETROUTE, sizeof(struct rtmsg), take_route },
	{ RTM_GETNEIGH, sizeof(struct ndmsg), take_neighbour },
};

static int talk(struct reading *reading, struct nlmsghdr *request, mnl_cb_t take)
{
	char buffer[32768]; /* what the kernel fills at most at once: NLMSG_GOODSIZE and more */
	const struct libmnl *mnl = &reading->mnl;
	unsigned port = mnl->socket_get_portid(reading->socket);
	unsigned sequence = request->nlmsg_seq;
	if (mnl->socket_sendto(reading->socket, request, request->nlmsg_len) < 0)
		return errno;
	for (;;) {
		ssize_t got = mnl->socket_recvfrom(reading->socket, buffer, sizeof buffer);
		if (got < 0)
			return errno;
		int more = mnl->cb_run(buffer, (size_t)got, sequence, port, take, reading);
		if (more < 0)
			return errno;
		if (more == MNL_CB_STOP)
			return 0;
	}
}

static int ask(struct reading *reading, size_t dump)
{
	char buffer[128];
	struct nlmsghdr *request = reading->mnl.nlmsg_put_header(buffer);
	request->nlmsg_type = dumps[dump].type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = (unsigned)dump + 1;
	reading->mnl.nlmsg_put_extra_header(request, dumps[dump].header);
	return talk(reading, request, dumps[dump].take);
}

/* Loads libmnl and opens its socket.  0, or an errno. */
static int begin(struct reading *reading, char *why, size_t size)
{
	text_cut(why, size, "rtnetlink");
	if (!libmnl_load(&reading->mnl, why, size))
		return ELIBACC;
	reading->socket = reading->mnl.socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (reading->socket == NULL)
		return errno;
	if (reading->mnl.socket_bind(reading->socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return 0;
	int failed = errno;
	reading->mnl.socket_close(reading->socket);
	return failed;
}

/* Any socket takes the ioctls of interfaces.  The name in the table may not be the kernel's. */
static void ask_device(int fd, struct nic *nic)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };
	struct iwreq wireless = { .u.data.pointer = NULL };
	struct ifreq name = { .ifr_ifindex = (int)nic->index };
	if (ioctl(fd, SIOCGIFNAME, &name) != 0)
		return;
	memcpy(request.ifr_name, name.ifr_name, sizeof request.ifr_name);
	memcpy(wireless.ifr_name, name.ifr_name, sizeof wireless.ifr_name);
	if (ioctl(fd, SIOCETHTOOL, &request) == 0)
		text_cut(nic->driver, sizeof nic->driver, info.driver);
	nic->driver[strcspn(nic->driver, " \n")] = '\0';
	if (ioctl(fd, SIOCGIWNAME, &wireless) == 0)
		nic->flags |= NIC_WIFI;
}

int live_nics_read(struct nics *nics, char *why, size_t size)
{
	struct reading reading = { .nics = nics };
	nics->count = nics->place_count = 0;
	int failed = begin(&reading, why, size);
	if (failed != 0)
		return failed;
	for (size_t i = 0; i < sizeof dumps / sizeof dumps[0] && failed == 0; i++)
		failed = ask(&reading, i);
	for (size_t i = 0; i < nics->count && failed == 0; i++)
		ask_device(reading.mnl.socket_get_fd(reading.socket), &nics->nic[i]);
	reading.mnl.socket_close(reading.socket);
	return failed;
}

int live_nics_sent(unsigned index, uint32_t *frames)
{
	char buffer[128];
	char why[64];
	struct reading reading = { .nics = NULL };
	int failed = begin(&reading, why, sizeof why);
	if (failed != 0)
		return failed;
	struct nlmsghdr *request = reading.mnl.nlmsg_put_header(buffer);
	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = 1;
	struct ifinfomsg *link = reading.mnl.nlmsg_put_extra_header(request, sizeof *link);
	link->ifi_index = (int)index;
	failed = talk(&reading, request, take_sent);
	*frames = reading.sent;
	reading.mnl.socket_close(reading.socket);
	return failed;
}

void live_nics(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	char why[80];
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free struct nics *nics = calloc(1, sizeof *nics);
	int failed = nics == NULL ? ENOMEM : live_nics_read(nics, why, sizeof why);
	if (failed != 0) {
		answer_set_errno(answer, failed, nics == NULL ? "interfaces" : why);
		return;
	}
	nics_write(nics, &text);
	answer_set_text(answer, text_string(&text), text.length);
	if (text.failed)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
}
