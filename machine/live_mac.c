/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MAC experiment on a real interface: a packet(7) socket around the state
 * machine.  CAP_NET_RAW is enough.  Promiscuity is the socket's own and ends
 * with it, also when the process is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/live.h"
#include "machine/live_frame.h"
#include "machine/live_nics.h"
#include "machine/live_pair.h"
#include "machine/mac_experiment.h"
#include "machine/mac_forge.h"

/* One experiment on one interface. */
struct wire {
	int fd;
	const struct live_options *options;
	const struct nic *nic;
	struct mac_experiment experiment;
	const char *said; /* last, to who watches */
	int failed;       /* an errno: the interface went away, or down */
	bool spare_taken; /* the spare address is this guest's, or its gateway's */
};

/*
 * ARP; ICMP and DHCP of IPv4; ICMPv6: no more may fill the buffer of a socket
 * that hears everything.  What it lets through is read with care all the same.
 */
static const struct sock_filter interesting[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 7, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 4, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 6),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 2, 3),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 6),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 2048),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool read_mac(const char *text, struct mac *mac)
{
	unsigned byte[6];
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &byte[0], &byte[1], &byte[2], &byte[3],
	           &byte[4], &byte[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		mac->byte[i] = (uint8_t)byte[i];
	return true;
}

static bool read_ip(enum mac_family family, const char *text, struct mac_ip *ip)
{
	*ip = (struct mac_ip){ { 0 } };
	return text != NULL &&
	       inet_pton(family == MAC_IPV4 ? AF_INET : AF_INET6, text, ip->byte) == 1;
}

static void read_machine_id(char id[33])
{
	cleanup_fd int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, id, 32);
	id[got < 0 ? 0 : got] = '\0';
}

static void configure(const struct wire *wire, enum mac_family family, const struct nic_path *path,
                      struct mac_config *config)
{
	char machine_id[33];
	struct mac_self *self = &config->self;
	*config = (struct mac_config){ .self = { .family = family } };
	read_machine_id(machine_id);
	read_mac(wire->nic->mac, &self->real);
	mac_forge(machine_id, &self->real, &self->forged, &self->unseen);
	if (getrandom(&self->token, sizeof self->token, GRND_NONBLOCK) != sizeof self->token)
		self->token = (uint16_t)now_us();
	read_ip(family, path->own, &self->own);
	if (wire->options->mac_spare != NULL)
		read_ip(family, wire->options->mac_spare, &self->spare);
	if (wire->options->mac_echo != NULL)
		read_ip(family, wire->options->mac_echo, &config->echo);
	config->dhcp = wire->options->mac_dhcp && family == MAC_IPV4;
	self->vlan = wire->options->mac_vlan;
	for (size_t i = 0; i < path->responder_count && path->own != NULL; i++)
		if (read_ip(family, path->responder[i],
		            &config->responder[config->responder_count]))
			config->responder_count++;
}

/* The filter comes first: until the socket is bound nothing reaches it. */
static int open_wire(struct wire *wire)
{
	const struct sock_fprog program = {
		.len = sizeof interesting / sizeof interesting[0],
		/* The kernel only reads it; its interface predates const. */
		.filter = (struct sock_filter *)(uintptr_t)interesting,
	};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)wire->nic->index,
	};
	struct packet_mreq promiscuous = {
		.mr_ifindex = (int)wire->nic->index,
		.mr_type = PACKET_MR_PROMISC,
	};
	const int yes = 1;
	wire->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (wire->fd < 0 ||
	    setsockopt(wire->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
	    setsockopt(wire->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0 ||
	    live_frame_ask_tags(wire->fd) != 0 ||
	    bind(wire->fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(wire->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
	               sizeof promiscuous) != 0)
		return errno;
	return 0;
}

static void say(struct wire *wire)
{
	const char *says = mac_experiment_says(&wire->experiment);
	if (wire->options->mac_progress == NULL || says == wire->said)
		return;
	wire->said = says;
	wire->options->mac_progress(wire->nic->name, says);
}

/* Of send(2): no frame will get out any more, whoever it is from. */
static bool is_gone(int failed)
{
	return failed == ENETDOWN || failed == ENXIO || failed == ENODEV;
}

static void send_frames(struct wire *wire)
{
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	size_t length;
	while (wire->failed == 0 &&
	       (length = mac_experiment_next(&wire->experiment, now_us(), frame, &probe)) > 0) {
		say(wire);
		if (send(wire->fd, frame, length, 0) >= 0) {
			mac_experiment_sent(&wire->experiment, now_us(), probe);
			continue;
		}
		wire->failed = is_gone(errno) ? errno : 0;
		mac_experiment_not_sent(&wire->experiment, probe);
	}
}

static void receive_frames(struct wire *wire)
{
	uint8_t frame[2048];
	unsigned vlan;
	ssize_t got;
	while ((got = live_frame_receive(wire->fd, frame, sizeof frame, &vlan)) >= 0) {
		if (vlan == 0)
			mac_experiment_receive(&wire->experiment, now_us(), frame, (size_t)got);
		else
			mac_experiment_tagged(&wire->experiment, vlan, frame, (size_t)got);
	}
}

static void wait_for_frame(const struct wire *wire)
{
	struct pollfd poll_fd = { .fd = wire->fd, .events = POLLIN };
	uint64_t now = now_us();
	uint64_t wake = mac_experiment_wake(&wire->experiment);
	uint64_t rest = wake > now ? wake - now : 0;
	struct timespec timeout = { .tv_sec = (time_t)(rest / 1000000),
		                    .tv_nsec = (long)(rest % 1000000) * 1000 };
	ppoll(&poll_fd, 1, &timeout, NULL);
}

static void experiment(struct wire *wire, const struct mac_config *config,
                       struct mac_observation *observation)
{
	uint32_t before = 0;
	uint32_t after = 0;
	bool counted = live_nics_sent(wire->nic->index, &before) == 0;
	mac_experiment_begin(&wire->experiment, config, now_us());
	for (;;) {
		send_frames(wire);
		if (wire->failed != 0 || mac_experiment_done(&wire->experiment))
			break;
		wait_for_frame(wire);
		receive_frames(wire);
	}
	if (counted && live_nics_sent(wire->nic->index, &after) == 0)
		mac_experiment_counted(&wire->experiment, after - before);
	mac_experiment_end(&wire->experiment, observation);
	if (observation->mark[MAC_ALIVE] == MAC_SEEN)
		inet_ntop(config->self.family == MAC_IPV4 ? AF_INET : AF_INET6,
		          wire->experiment.responder.byte, observation->responder,
		          sizeof observation->responder);
}

/* It hears on, into its own bounded buffer, until the machine is closed. */
static void put_away(struct live *live, int fd)
{
	bool kept = false;
	if (fd < 0)
		return;
	pthread_mutex_lock(&live->lock);
	if (live->wire_count < LIVE_WIRES) {
		live->wires[live->wire_count++] = fd;
		kept = true;
	}
	pthread_mutex_unlock(&live->lock);
	if (!kept)
		close(fd);
}

static void answer_experiment(struct live *live, struct wire *wire, struct mac_config *config,
                              struct answer *answer)
{
	struct mac_observation observation;
	cleanup_text struct text text = TEXT_INIT;
	config->pace = live->pace;
	experiment(wire, config, &observation);
	live->pace = wire->experiment.pace;
	observation.spare_in_use = observation.spare_in_use || wire->spare_taken;
	mac_observation_write(&observation, &text);
	if (wire->failed == 0)
		answer_set_text(answer, text_string(&text), text.length);
	else
		answer_set_status(answer, STATUS_FAILED, "%s went down, or away, during the test",
		                  wire->nic->name);
}

static void run(struct live *live, const struct nics *nics, const struct nic *nic,
                enum mac_family family, struct answer *answer)
{
	struct wire wire = { .fd = -1, .options = &live->options, .nic = nic };
	struct mac_config config;
	struct nic_path path;
	nic_find_path(nics, nic, family == MAC_IPV6, &path);
	int failed = open_wire(&wire);
	if (failed != 0) {
		answer_set_errno(answer, failed, "packet socket");
	} else {
		configure(&wire, family, &path, &config);
		/* F with an address that is in use would take its frames away */
		wire.spare_taken = wire.options->mac_spare != NULL &&
		                   nics_has_address(nics, wire.options->mac_spare);
		if (wire.spare_taken)
			config.self.spare = (struct mac_ip){ { 0 } };
		answer_experiment(live, &wire, &config, answer);
	}
	put_away(live, wire.fd);
}

/* "to NIC": the other one listens; "tag NIC": for frames of the VLAN. */
static void run_pair(struct live *live, const struct nics *nics, const struct nic *nic,
                     const char *name, bool tagged, struct answer *answer)
{
	const struct wire wire = { .fd = -1, .options = &live->options, .nic = nic };
	const struct nic *other = nics_find(nics, name);
	const struct nic_path nowhere = { .own = NULL };
	struct mac_observation observation;
	struct mac_config config;
	struct mac mac;
	cleanup_text struct text text = TEXT_INIT;
	if (other == NULL || !read_mac(other->mac, &mac)) {
		answer_set_errno(answer, ENODEV, name);
		return;
	}
	configure(&wire, MAC_IPV4, &nowhere, &config);
	int failed = live_pair(&config.self, nic->index, &mac, other->index, tagged, &observation);
	if (failed != 0) {
		answer_set_errno(answer, failed, "packet socket");
		return;
	}
	mac_observation_write(&observation, &text);
	answer_set_text(answer, text_string(&text), text.length);
}

void live_mac(struct live *live, const struct question *question, struct answer *answer)
{
	char name[NIC_NAME];
	char family[8];
	char other[NIC_NAME] = "";
	char why[80];
	cleanup_free struct nics *nics = calloc(1, sizeof *nics);
	int failed = nics == NULL ? ENOMEM : live_nics_read(nics, why, sizeof why);
	if (failed != 0) {
		answer_set_errno(answer, failed, nics == NULL ? "interfaces" : why);
		return;
	}
	if (sscanf(question->path, "%15s %7s %15s", name, family, other) < 2) {
		answer_set_status(answer, STATUS_FAILED, "no interface and family");
		return;
	}
	const struct nic *nic = nics_find(nics, name);
	if (nic == NULL)
		answer_set_errno(answer, ENODEV, name);
	else if (!live->options.mac_allowed)
		answer_set_status(answer, STATUS_SKIPPED, "nobody asked for frames");
	else if (strcmp(family, "to") == 0 || strcmp(family, "tag") == 0)
		run_pair(live, nics, nic, other, family[1] == 'a', answer);
	else
		run(live, nics, nic, strcmp(family, "ipv6") == 0 ? MAC_IPV6 : MAC_IPV4, answer);
}
