/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_experiment.h: what is sent when, within the limits. */
#include "machine/mac_experiment.h"

#include "machine/mac_compose.h"
#include "machine/mac_loss.h"
#include "machine/mac_settle.h"

#define BIT(probe) (1u << (probe))

#define SECOND          1000000
#define LIMIT_WINDOW    1010000 /* a second, and what the wire may do to the spacing */
#define ROUND_SPACING   150000
#define SUSPECT_SPACING 350000
#define SHUT_WITHIN     1000000 /* of a frame from F: a switch that shuts the port has done so */
#define SHUT_FOR        6000000 /* three hellos, after which a spanning tree mends itself (802.1D) */
#define FINDING_TIME    3600000 /* a gateway at 1.5 s, asked twice */
#define ROUNDS_AHEAD    4       /* sent before the answers of the first one must be there */
#define SILENT_ROUNDS   2       /* in a row without any control: the port may be shut */
#define APART           30000   /* frames of a round, once something was lost */
#define DHCP_TIMES      4
#define DHCP_SPACING    600000

/* Who is asked when in the beginning, and how often: the gateway first and most. */
static const struct {
	uint64_t at;
	size_t responder;
	unsigned times;
} finding[] = {
	{ 0, 0, 1 },       { 300000, 1, 1 },  { 350000, 0, 1 },  { 600000, 2, 1 },
	{ 800000, 0, 1 },  { 900000, 3, 1 },  { 1200000, 0, 2 }, { 1300000, 1, 1 },
	{ 1600000, 0, 2 }, { 1700000, 2, 1 }, { 2000000, 0, 3 }, { 2100000, 3, 1 },
	{ 2400000, 0, 3 }, { 2800000, 0, 3 }, { 3200000, 0, 3 },
};

#define FINDING_STEPS (sizeof finding / sizeof finding[0])

bool mac_is_forged(enum mac_probe probe)
{
	return probe == MAC_EGRESS || probe == MAC_NESTED || probe == MAC_FORGED_ECHO ||
	       probe == MAC_SPARE || probe == MAC_DHCP;
}

static bool is_limited(enum mac_probe probe)
{
	return probe != MAC_ECHO && probe != MAC_FORGED_ECHO;
}

void mac_experiment_begin(struct mac_experiment *experiment, const struct mac_config *config,
                          uint64_t now)
{
	*experiment = (struct mac_experiment){
		.config = *config, .began = now, .now = now, .pace = config->pace
	};
	experiment->observation.family = config->self.family;
}

bool mac_experiment_done(const struct mac_experiment *experiment)
{
	return experiment->phase == MAC_DONE;
}

/* From when on so many limited frames may be sent at once. */
static uint64_t limited_from(const struct mac_experiment *experiment, size_t frames)
{
	size_t before = experiment->pace.count;
	size_t spare = MAC_LIMITED_PER_SECOND - frames;
	if (before <= spare)
		return 0;
	return experiment->pace.at[(before - spare - 1) % MAC_LIMITED_PER_SECOND] + LIMIT_WINDOW;
}

static void push(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->queue[experiment->queue_count++] = probe;
}

static size_t count_limited(const struct mac_experiment *experiment, unsigned probes)
{
	enum mac_probe queue[MAC_QUEUE];
	size_t all = mac_order(experiment, probes, queue);
	size_t count = 0;
	for (size_t i = 0; i < all; i++)
		count += is_limited(queue[i]);
	return count;
}

static void send_round(struct mac_experiment *experiment, unsigned probes)
{
	struct mac_round *round = &experiment->rounds[experiment->round_count];
	bool suspecting = experiment->phase == MAC_SUSPECTING;
	*round = (struct mac_round){ .sent = experiment->now,
		                     .asked = probes,
		                     .suspecting = suspecting };
	experiment->queue_count = mac_order(experiment, probes, experiment->queue);
	for (size_t i = 0; i < experiment->queue_count; i++) {
		round->calls += experiment->queue[i] == MAC_ALIVE;
		round->pings += experiment->queue[i] == MAC_ECHO;
		round->forged_pings += experiment->queue[i] == MAC_FORGED_ECHO;
	}
	experiment->apart = mac_is_spread(experiment) ? APART : 0;
	experiment->suspect_rounds += suspecting;
	experiment->next_round = experiment->now + (suspecting ? SUSPECT_SPACING : ROUND_SPACING);
	experiment->round_count++;
	experiment->observation.rounds++;
}

static size_t rounds_open(const struct mac_experiment *experiment)
{
	size_t open = 0;
	for (size_t i = 0; i < experiment->round_count; i++)
		open += !experiment->rounds[i].over;
	return open;
}

/* Whether the last round that asked for a sign of life was one so late that no more follow. */
static bool has_waited(const struct mac_experiment *experiment)
{
	const struct mac_round *last = &experiment->rounds[experiment->round_count - 1];
	return last->suspecting && last->sent >= experiment->silent_since + SHUT_FOR;
}

/* When the next round is due; UINT64_MAX when answers are waited for first. */
static uint64_t round_due(const struct mac_experiment *experiment, unsigned probes)
{
	bool suspecting = experiment->phase == MAC_SUSPECTING;
	if (suspecting ? has_waited(experiment) : rounds_open(experiment) >= ROUNDS_AHEAD)
		return UINT64_MAX;
	uint64_t limited = limited_from(experiment, count_limited(experiment, probes));
	return limited > experiment->next_round ? limited : experiment->next_round;
}

/* No more can be asked. */
static void give_up(struct mac_experiment *experiment)
{
	experiment->last = true;
	mac_settle(experiment);
	experiment->phase = MAC_DONE;
}

/* ---- what time brings ------------------------------------------------------- */

/* A round went out and came back so long after the first frame from F that it shut nothing. */
static bool outlived_forging(const struct mac_experiment *experiment)
{
	for (size_t i = 0; i < experiment->round_count; i++)
		if (experiment->rounds[i].sent >= experiment->forged_at + SHUT_WITHIN &&
		    mac_round_survived(&experiment->rounds[i]))
			return true;
	return false;
}

/*
 * The port may be shut, and no forged frame is sent until a control comes back.
 * It is called shut only where that follows the first frame from F, and lasts:
 * a link that loses much, or fails over, is silent for a while, too.
 */
static void watch_controls(struct mac_experiment *experiment)
{
	size_t dead = 0;
	uint64_t since = experiment->now;
	for (size_t i = experiment->round_count; i-- > 0;) {
		const struct mac_round *round = &experiment->rounds[i];
		if (mac_round_survived(round))
			break;
		dead += round->over;
		since = round->sent;
	}
	if (dead < SILENT_ROUNDS || experiment->observation.forged == 0)
		return;
	if (experiment->phase == MAC_TRYING) {
		experiment->phase = MAC_SUSPECTING;
		experiment->suspect_rounds = 0;
		experiment->silent_since = since;
	} else if (has_waited(experiment) && rounds_open(experiment) == 0) {
		experiment->observation.blocked = !outlived_forging(experiment);
		give_up(experiment);
	}
}

static void close_rounds(struct mac_experiment *experiment)
{
	bool closed = false;
	for (size_t i = 0; i < experiment->round_count; i++) {
		struct mac_round *round = &experiment->rounds[i];
		if (!round->over && experiment->now >= round->last + experiment->wait)
			round->over = closed = true;
	}
	if (!closed)
		return;
	mac_settle(experiment);
	watch_controls(experiment);
}

static bool wants_dhcp(const struct mac_experiment *experiment)
{
	return experiment->config.dhcp && experiment->sent[MAC_DHCP] < DHCP_TIMES;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t dhcp_due(const struct mac_experiment *experiment)
{
	return later(experiment->began + experiment->sent[MAC_DHCP] * (uint64_t)DHCP_SPACING,
	             limited_from(experiment, 1));
}

/* Of the next question in the beginning; where this program was kept waiting, not all at once. */
static uint64_t question_due(const struct mac_experiment *experiment)
{
	return later(experiment->began + finding[experiment->found_step].at,
	             limited_from(experiment, finding[experiment->found_step].times));
}

static void find(struct mac_experiment *experiment)
{
	uint64_t elapsed = experiment->now - experiment->began;
	bool nobody = experiment->config.responder_count == 0 && !experiment->config.dhcp;
	if (elapsed >= FINDING_TIME || nobody) {
		experiment->phase = MAC_DONE;
		return;
	}
	if (wants_dhcp(experiment) && experiment->now >= dhcp_due(experiment)) {
		push(experiment, MAC_DHCP);
		return;
	}
	for (; experiment->found_step < FINDING_STEPS; experiment->found_step++) {
		size_t responder = finding[experiment->found_step].responder;
		if (responder >= experiment->config.responder_count)
			continue;
		if (experiment->now < question_due(experiment))
			return;
		if (experiment->asked_at[responder] == 0)
			experiment->asked_at[responder] = experiment->now;
		experiment->asked_last[responder] = experiment->now;
		experiment->responder = experiment->config.responder[responder];
		for (unsigned i = 0; i < finding[experiment->found_step].times; i++)
			push(experiment, MAC_ALIVE);
		experiment->found_step++;
		return;
	}
}

static bool out_of_limits(const struct mac_experiment *experiment)
{
	/* a whole round must still fit */
	return experiment->now - experiment->began >= MAC_TIME ||
	       experiment->observation.frames + MAC_QUEUE > MAC_FRAMES ||
	       experiment->round_count == MAC_ROUNDS;
}

static void advance(struct mac_experiment *experiment)
{
	if (experiment->phase == MAC_FINDING) {
		find(experiment);
		return;
	}
	close_rounds(experiment);
	if (experiment->phase == MAC_DONE)
		return;
	if (mac_is_settled(experiment)) {
		experiment->phase = MAC_DONE;
		return;
	}
	if (out_of_limits(experiment)) {
		if (rounds_open(experiment) != 0 && experiment->now - experiment->began < MAC_TIME)
			return;
		give_up(experiment);
		return;
	}
	unsigned probes = mac_compose(experiment);
	if (experiment->now >= round_due(experiment, probes))
		send_round(experiment, probes);
}

static const struct mac_ip *target_of(const struct mac_experiment *experiment, enum mac_probe probe,
                                      struct mac_ip *made)
{
	const struct mac_config *config = &experiment->config;
	bool ping = probe == MAC_ECHO || probe == MAC_FORGED_ECHO;
	if (probe == MAC_SPARE_TAKEN)
		return &config->self.spare;
	/* a router may answer in a VLAN for the address that it has there, and no other */
	bool there = probe == MAC_VLAN && experiment->sent[MAC_VLAN] % 2 == 0;
	if ((ping || there) && !mac_ip_none(&config->echo))
		return &config->echo;
	if (probe != MAC_ANYTHING)
		return &experiment->responder;
	mac_nobodys_address(&config->self, made);
	return made;
}

static void count_sent(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->observation.frames++;
	if (mac_is_forged(probe) && experiment->observation.forged == 0)
		experiment->forged_at = experiment->now;
	experiment->observation.forged += mac_is_forged(probe);
	experiment->sent[probe]++;
	if (experiment->observation.mark[probe] == MAC_UNASKED)
		experiment->observation.mark[probe] = MAC_UNCLEAR;
	if (!is_limited(probe))
		return;
	experiment->observation.limited++;
	experiment->pace.at[experiment->pace.count++ % MAC_LIMITED_PER_SECOND] = experiment->now;
}

size_t mac_experiment_next(struct mac_experiment *experiment, uint64_t now,
                           uint8_t frame[MAC_FRAME_MAX], enum mac_probe *probe)
{
	struct mac_ip made;
	experiment->now = now;
	if (experiment->queue_head < experiment->queue_count && now < experiment->queue_due)
		return 0;
	if (experiment->queue_head == experiment->queue_count) {
		experiment->queue_head = experiment->queue_count = 0;
		if (experiment->phase != MAC_DONE)
			advance(experiment);
		if (experiment->queue_count == 0)
			return 0;
	}
	*probe = experiment->queue[experiment->queue_head++];
	const struct mac_ip *target = target_of(experiment, *probe, &made);
	unsigned round = experiment->round_count == 0 ? 0 : (unsigned)experiment->round_count - 1;
	count_sent(experiment, *probe);
	if (experiment->round_count > 0)
		experiment->rounds[round].last = now;
	experiment->queue_due = now + experiment->apart;
	return mac_frame_write(&experiment->config.self, *probe, target, &experiment->responder_mac,
	                       round, frame);
}

uint64_t mac_experiment_wake(const struct mac_experiment *experiment)
{
	if (experiment->queue_head < experiment->queue_count)
		return experiment->queue_due;
	if (experiment->phase == MAC_DONE)
		return experiment->now;
	uint64_t wake = experiment->began + MAC_TIME;
	if (experiment->phase == MAC_FINDING) {
		wake = experiment->began + FINDING_TIME;
		if (experiment->found_step < FINDING_STEPS && question_due(experiment) < wake)
			wake = question_due(experiment);
		if (wants_dhcp(experiment) && dhcp_due(experiment) < wake)
			wake = dhcp_due(experiment);
		return wake;
	}
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		if (!round->over && round->last + experiment->wait < wake)
			wake = round->last + experiment->wait;
	}
	uint64_t due = out_of_limits(experiment) ? UINT64_MAX
	                                         : round_due(experiment, mac_compose(experiment));
	return due < wake ? due : wake;
}

void mac_experiment_sent(struct mac_experiment *experiment, uint64_t now, enum mac_probe probe)
{
	experiment->now = now;
	if (is_limited(probe))
		experiment->pace.at[(experiment->pace.count - 1) % MAC_LIMITED_PER_SECOND] = now;
}

void mac_experiment_not_sent(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->observation.frames--;
	experiment->observation.forged -= mac_is_forged(probe);
	experiment->sent[probe]--;
	if (mac_is_forged(probe))
		experiment->failed_forged++;
	else
		experiment->failed_real++;
}
