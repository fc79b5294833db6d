/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_network.h. */
#include "tests/lib/mac_network.h"

#include <criterion/criterion.h>
#include <string.h>

#define PENDING 256
#define SECOND  1000000
#define BEGIN   5000000

static const struct mac guest = { { 0x52, 0x54, 0, 0, 0, 1 } };
static const struct mac gateway = { { 0x52, 0x54, 0, 0, 0, 0xfe } };

struct pending {
	uint64_t due;
	size_t length;
	uint8_t frame[MAC_FRAME_MAX];
};

struct simulation {
	const struct mac_network *network;
	const struct mac_config *config;
	struct pending pending[PENDING];
	size_t pending_count;
	uint64_t now;
	struct mac_bursts bursts;
	struct mac_bucket asked;
	struct mac_bucket pinged;
	bool shutting;
	uint64_t shut_at;
	bool knows_forged; /* the port has learned F */
	bool kernel_asked;
	uint64_t limited[512];
	size_t limited_count;
	struct mac_trace *trace;
};

void mac_network_config(const struct mac_network *network, struct mac_config *config)
{
	*config = (struct mac_config){
		.self = { .family = network->ipv6 ? MAC_IPV6 : MAC_IPV4,
		          .real = guest,
		          .forged = { { 0x02, 1, 2, 3, 4, 0xf } },
		          .unseen = { { 0x02, 1, 2, 3, 4, 0x2 } },
		          .token = 0x1234 },
		.responder_count = 1,
	};
	if (network->ipv6) {
		mac_link_local(&guest, &config->self.own);
		mac_link_local(&gateway, &config->responder[0]);
	} else {
		config->self.own = (struct mac_ip){ { 10, 0, 0, 2 } };
		config->responder[0] = (struct mac_ip){ { 10, 0, 0, 1 } };
	}
}

/* Time of the experiment. */
static bool is_lost(struct simulation *simulation, bool in)
{
	return mac_bursts_lose(&simulation->bursts, in, simulation->now - BEGIN);
}

static bool is_mac(const uint8_t *at, const struct mac *mac)
{
	return memcmp(at, mac, 6) == 0;
}

static bool is_shut(const struct simulation *simulation)
{
	return simulation->shutting && simulation->now >= simulation->shut_at;
}

/* Whether the port lets a frame to that destination in. */
static bool comes_in(const struct simulation *simulation, const uint8_t *frame)
{
	const struct mac_network *network = simulation->network;
	if ((frame[0] & 1) != 0 || is_mac(frame, &guest))
		return true;
	if (network->no_learning)
		return false;
	return !network->no_flooding ||
	       (simulation->knows_forged && is_mac(frame, &simulation->config->self.forged));
}

static void deliver(struct simulation *simulation, const uint8_t *frame, size_t length,
                    uint64_t delay)
{
	if (is_shut(simulation) || !comes_in(simulation, frame))
		return;
	cr_assert_lt(simulation->pending_count, PENDING);
	struct pending *pending = &simulation->pending[simulation->pending_count++];
	*pending = (struct pending){ .due = simulation->now + delay, .length = length };
	memcpy(pending->frame, frame, length);
}

static void reply(struct simulation *simulation, const uint8_t *frame, size_t length)
{
	const struct mac_network *network = simulation->network;
	for (int i = 0; i < (network->twice ? 2 : 1); i++)
		deliver(simulation, frame, length, network->rtt + 50);
}

/* The kernel asks for itself, as MAC_ALIVE does, and has its answer a while later. */
static void reply_to_both(struct simulation *simulation, const uint8_t *frame, size_t length)
{
	const struct mac_network *network = simulation->network;
	size_t size = network->ipv6 ? 16 : 4;
	reply(simulation, frame, length);
	if (network->kernel_asks == 0 || simulation->now < BEGIN + network->kernel_asks ||
	    simulation->kernel_asked || !is_mac(frame, &guest) ||
	    memcmp(frame + 38, simulation->config->self.own.byte, size) != 0)
		return;
	simulation->kernel_asked = true;
	deliver(simulation, frame, length, network->rtt + 30000);
}

static void answer_arp(struct simulation *simulation, const uint8_t *request, const struct mac *as,
                       bool from_port)
{
	const struct mac_network *network = simulation->network;
	uint8_t frame[60] = { 0 };
	static const uint8_t nobody[4];
	if (!from_port && network->ignores_nobody && memcmp(request + 28, nobody, 4) == 0)
		return;
	memcpy(frame, network->by_source ? request + 6 : request + 22, 6);
	if (network->broadcasts)
		memset(frame, 0xff, 6);
	memcpy(frame + 6, as, 6);
	memcpy(frame + 12, request + 12, 8);
	frame[21] = 2;
	memcpy(frame + 22, as, 6);
	memcpy(frame + 28, request + 38, 4);
	memcpy(frame + 32, request + 22, 10);
	reply_to_both(simulation, frame, sizeof frame);
}

static void answer_solicitation(struct simulation *simulation, const uint8_t *request)
{
	uint8_t frame[86];
	memcpy(frame, request, sizeof frame);
	memcpy(frame, request + 80, 6); /* the source link-layer address */
	memcpy(frame + 6, &gateway, 6);
	memcpy(frame + 22, request + 62, 16);
	memcpy(frame + 38, request + 22, 16);
	frame[54] = 136;
	frame[78] = 2;
	memcpy(frame + 80, &gateway, 6);
	reply_to_both(simulation, frame, sizeof frame);
}

/* The checksum is left as it was: nobody looks. */
static void answer_echo(struct simulation *simulation, const uint8_t *request, size_t length)
{
	uint8_t frame[MAC_FRAME_MAX];
	bool six = simulation->network->ipv6;
	size_t source = six ? 22 : 26;
	size_t size = six ? 16 : 4;
	if (simulation->network->no_echo)
		return;
	memcpy(frame, request, length);
	memcpy(frame, &guest, 6); /* whom it knows under that address */
	memcpy(frame + 6, &gateway, 6);
	memcpy(frame + source, request + source + size, size);
	memcpy(frame + source + size, request + source, size);
	frame[six ? 54 : 34] = six ? 129 : 0;
	reply(simulation, frame, length);
}

static void at_gateway(struct simulation *simulation, const uint8_t *frame, size_t length)
{
	const struct mac_config *config = simulation->config;
	const struct mac_network *network = simulation->network;
	if (network->absent)
		return;
	bool ping = (frame[12] == 8 && frame[13] == 0 && frame[23] == 1) ||
	            (frame[12] == 0x86 && frame[54] == 128);
	bool arp = frame[12] == 8 && frame[13] == 6 &&
	           memcmp(frame + 38, config->responder[0].byte, 4) == 0;
	bool solicitation = frame[12] == 0x86 && frame[54] == 135 &&
	                    memcmp(frame + 62, config->responder[0].byte, 16) == 0;
	if (ping && mac_bucket_takes(&simulation->pinged, &network->pinged, simulation->now))
		answer_echo(simulation, frame, length);
	if ((arp || solicitation) &&
	    !mac_bucket_takes(&simulation->asked, &network->asked, simulation->now))
		return;
	if (arp)
		answer_arp(simulation, frame, &gateway, false);
	if (solicitation)
		answer_solicitation(simulation, frame);
}

static void at_port(struct simulation *simulation, const uint8_t *frame, size_t length)
{
	const struct mac_network *network = simulation->network;
	bool forged = !is_mac(frame + 6, &guest);
	bool arp = frame[12] == 8 && frame[13] == 6;
	bool known = arp && memcmp(frame + 38, simulation->config->responder[0].byte, 4) == 0;
	if (network->shuts && forged && !simulation->shutting) {
		simulation->shutting = true;
		simulation->shut_at = simulation->now + network->shuts_after;
	}
	if (is_shut(simulation))
		return;
	if (forged && !network->drops_forged)
		simulation->knows_forged = true;
	if (arp && ((network->proxy && known) || (network->anything && !known))) {
		simulation->knows_forged |= forged;
		answer_arp(simulation, frame, &gateway, true);
		return;
	}
	if ((forged && network->drops_forged) || is_lost(simulation, false))
		return;
	if (network->checks_sender && arp &&
	    memcmp(frame + 28, simulation->config->self.own.byte, 4) != 0)
		return;
	at_gateway(simulation, frame, length);
}

/* As an access port does that takes tags of its own VLAN. */
static void take_tag_off(struct simulation *simulation, const uint8_t *frame, size_t length)
{
	uint8_t bare[MAC_FRAME_MAX];
	memcpy(bare, frame, 12);
	memcpy(bare + 12, frame + 16, length - 16);
	at_port(simulation, bare, length - 4);
}

/* Holds a frame against the limits. */
static void count(struct simulation *simulation, const uint8_t *frame, enum mac_probe probe)
{
	/* where frames are lost, and with one more in each, rounds take longer */
	bool longer = simulation->network->losses.loss > 0 || simulation->config->self.vlan != 0;
	const uint64_t grace = SECOND + (longer ? 400000 : 0);
	unsigned within = 1;
	simulation->trace->frames++;
	if (simulation->shutting && !is_mac(frame + 6, &guest) &&
	    simulation->now > simulation->shut_at + grace + 2 * simulation->network->rtt)
		simulation->trace->forged_after_shut++;
	if (probe == MAC_ECHO || probe == MAC_FORGED_ECHO)
		return;
	for (size_t i = 0; i < simulation->limited_count; i++)
		within += simulation->limited[i] + SECOND > simulation->now;
	simulation->limited[simulation->limited_count++] = simulation->now;
	if (within > simulation->trace->worst_second)
		simulation->trace->worst_second = within;
}

static void send_all(struct simulation *simulation, struct mac_experiment *experiment)
{
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	size_t length;
	while ((length = mac_experiment_next(experiment, simulation->now, frame, &probe)) > 0) {
		if (simulation->network->send_fails && mac_is_forged(probe)) {
			mac_experiment_not_sent(experiment, probe);
			continue;
		}
		count(simulation, frame, probe);
		if (probe == MAC_VLAN && simulation->network->takes_tags_off)
			take_tag_off(simulation, frame, length);
		else
			at_port(simulation, frame, length);
		mac_experiment_sent(experiment, simulation->now, probe);
	}
}

/* The pending frame that is due first; NULL when none is before `until`. */
static struct pending *next_due(struct simulation *simulation, uint64_t until)
{
	struct pending *next = NULL;
	for (size_t i = 0; i < simulation->pending_count; i++) {
		struct pending *pending = &simulation->pending[i];
		if (pending->due <= until && (next == NULL || pending->due < next->due))
			next = pending;
	}
	return next;
}

void mac_network_run(const struct mac_network *network, const struct mac_config *config,
                     struct mac_observation *observation, struct mac_trace *trace)
{
	struct simulation simulation = {
		.network = network,
		.config = config,
		.now = BEGIN,
		.trace = trace,
	};
	struct mac_experiment experiment;
	*trace = (struct mac_trace){ .took = 0 };
	mac_bursts_begin(&simulation.bursts, &network->losses);
	mac_experiment_begin(&experiment, config, simulation.now);
	for (int steps = 0;; steps++) {
		cr_assert_lt(steps, 10000, "it does not end");
		send_all(&simulation, &experiment);
		if (mac_experiment_done(&experiment))
			break;
		uint64_t wake = mac_experiment_wake(&experiment);
		struct pending *next = next_due(&simulation, wake);
		if (next == NULL) {
			cr_assert_gt(wake, simulation.now, "it wakes up for nothing");
			simulation.now = wake;
			continue;
		}
		if (next->due > simulation.now)
			simulation.now = next->due;
		if (!is_lost(&simulation, true))
			mac_experiment_receive(&experiment, simulation.now, next->frame,
			                       next->length);
		*next = simulation.pending[--simulation.pending_count];
	}
	trace->took = simulation.now - BEGIN;
	mac_experiment_end(&experiment, observation);
}

void mac_network_check(const char *name, const struct mac_trace *trace,
                       const struct mac_observation *observation)
{
	cr_expect_leq(trace->worst_second, MAC_LIMITED_PER_SECOND, "%s: %u ARP frames in a second",
	              name, trace->worst_second);
	cr_expect_leq(trace->frames, MAC_FRAMES, "%s", name);
	cr_expect_eq(trace->frames, observation->frames, "%s: %u counted, %u sent", name,
	             observation->frames, trace->frames);
	cr_expect_eq(trace->forged_after_shut, 0, "%s", name);
}
