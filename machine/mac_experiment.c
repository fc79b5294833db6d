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
#define SUSPECT_SPACING 200000
#define SUSPECT_ROUNDS  7
#define FINDING_TIME    3600000 /* a gateway at 1.5 s, asked twice */
#define ROUNDS_AHEAD    4       /* sent before the answers of the first one must be there */
#define SILENT_ROUNDS   2       /* in a row without any control: the port may be shut */
#define PINGS           3       /* in each round, one of them first */
#define CALLS           3       /* the same by ARP, once something was lost */
#define DHCP_TIMES      4
#define DHCP_SPACING    600000

/* Who is asked when in the beginning: the gateway first and most often. */
static const struct {
	uint64_t at;
	size_t responder;
} finding[] = {
	{ 0, 0 },       { 300000, 1 },  { 350000, 0 },  { 600000, 2 },  { 800000, 0 },
	{ 900000, 3 },  { 1200000, 0 }, { 1300000, 1 }, { 1600000, 0 }, { 1700000, 2 },
	{ 2000000, 0 }, { 2100000, 3 }, { 2400000, 0 },
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
	*experiment = (struct mac_experiment){ .config = *config, .began = now, .now = now };
	experiment->observation.family = config->self.family;
}

bool mac_experiment_done(const struct mac_experiment *experiment)
{
	return experiment->phase == MAC_DONE;
}

/* From when on so many limited frames may be sent at once. */
static uint64_t limited_from(const struct mac_experiment *experiment, size_t frames)
{
	size_t before = experiment->limited_count;
	size_t spare = MAC_LIMITED_PER_SECOND - frames;
	if (before <= spare)
		return 0;
	return experiment->limited[(before - spare - 1) % MAC_LIMITED_PER_SECOND] + LIMIT_WINDOW;
}

static void push(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->queue[experiment->queue_count++] = probe;
}

/* Controls go last. */
static const enum mac_probe order[] = {
	MAC_VLAN,     MAC_SPARE_TAKEN, MAC_INGRESS, MAC_NESTED, MAC_EGRESS, MAC_SPARE, MAC_ANYTHING,
	MAC_ANYTHING, MAC_FORGED_ECHO, MAC_NOBODY,  MAC_ALIVE,  MAC_ECHO,   MAC_ECHO,
};

/* Of MAC_ALIVE in a round of those probes: MAC_NOBODY is one of CALLS. */
static unsigned count_calls(const struct mac_experiment *experiment, unsigned probes)
{
	if ((probes & BIT(MAC_ALIVE)) == 0)
		return 0;
	bool pings = experiment->observation.mark[MAC_ECHO] == MAC_SEEN;
	if (!mac_loses(experiment) || (experiment->phase == MAC_SUSPECTING && pings))
		return 1;
	return (probes & BIT(MAC_NOBODY)) != 0 ? CALLS - 1 : CALLS;
}

static size_t count_limited(const struct mac_experiment *experiment, unsigned probes)
{
	size_t count = count_calls(experiment, probes);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		count += order[i] != MAC_ALIVE && (probes & BIT(order[i])) != 0 &&
		         is_limited(order[i]);
	return count;
}

static void send_round(struct mac_experiment *experiment, unsigned probes)
{
	struct mac_round *round = &experiment->rounds[experiment->round_count++];
	bool pings = (probes & BIT(MAC_ECHO)) != 0;
	*round = (struct mac_round){ .sent = experiment->now, .asked = probes };
	round->pings = pings ? PINGS : 0;
	round->calls = count_calls(experiment, probes);
	if (pings)
		push(experiment, MAC_ECHO);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		unsigned times = (probes & BIT(order[i])) == 0 ? 0
		                 : order[i] == MAC_ALIVE       ? round->calls
		                                               : 1;
		while (times-- > 0)
			push(experiment, order[i]);
	}
	bool suspecting = experiment->phase == MAC_SUSPECTING;
	experiment->suspect_rounds += suspecting;
	experiment->next_round = experiment->now + (suspecting ? SUSPECT_SPACING : ROUND_SPACING);
	experiment->observation.rounds++;
}

static size_t rounds_open(const struct mac_experiment *experiment)
{
	size_t open = 0;
	for (size_t i = 0; i < experiment->round_count; i++)
		open += !experiment->rounds[i].over;
	return open;
}

/* When the next round is due; UINT64_MAX when answers are waited for first. */
static uint64_t round_due(const struct mac_experiment *experiment, unsigned probes)
{
	bool suspecting = experiment->phase == MAC_SUSPECTING;
	if (suspecting ? experiment->suspect_rounds >= SUSPECT_ROUNDS
	               : rounds_open(experiment) >= ROUNDS_AHEAD)
		return UINT64_MAX;
	uint64_t limited = limited_from(experiment, count_limited(experiment, probes));
	return limited > experiment->next_round ? limited : experiment->next_round;
}

/* ---- what time brings ------------------------------------------------------- */

/* The port may be shut, and no forged frame is sent until a control comes back. */
static void watch_controls(struct mac_experiment *experiment)
{
	size_t dead = 0;
	for (size_t i = experiment->round_count; i-- > 0 && dead < SILENT_ROUNDS;) {
		const struct mac_round *round = &experiment->rounds[i];
		if (mac_round_survived(round))
			return;
		dead += round->over;
	}
	if (dead < SILENT_ROUNDS || experiment->observation.forged == 0)
		return;
	if (experiment->phase == MAC_TRYING) {
		experiment->phase = MAC_SUSPECTING;
		experiment->suspect_rounds = 0;
	} else if (experiment->suspect_rounds >= SUSPECT_ROUNDS && rounds_open(experiment) == 0) {
		experiment->observation.blocked = true;
		experiment->phase = MAC_DONE;
	}
}

static void close_rounds(struct mac_experiment *experiment)
{
	bool closed = false;
	for (size_t i = 0; i < experiment->round_count; i++) {
		struct mac_round *round = &experiment->rounds[i];
		if (!round->over && experiment->now >= round->sent + experiment->wait)
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

static uint64_t dhcp_due(const struct mac_experiment *experiment)
{
	return experiment->began + experiment->sent[MAC_DHCP] * (uint64_t)DHCP_SPACING;
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
		if (elapsed < finding[experiment->found_step].at)
			return;
		if (experiment->asked_at[responder] == 0)
			experiment->asked_at[responder] = experiment->now;
		experiment->asked_last[responder] = experiment->now;
		experiment->responder = experiment->config.responder[responder];
		push(experiment, MAC_ALIVE);
		experiment->found_step++;
		return;
	}
}

static bool out_of_limits(const struct mac_experiment *experiment)
{
	/* a whole round must still fit */
	return experiment->now - experiment->began >= MAC_TIME ||
	       experiment->observation.frames +
	                       sizeof experiment->queue / sizeof experiment->queue[0] >
	               MAC_FRAMES ||
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
		experiment->last = true;
		mac_settle(experiment);
		experiment->phase = MAC_DONE;
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
	if (ping && !mac_ip_none(&config->echo))
		return &config->echo;
	if (probe != MAC_ANYTHING)
		return &experiment->responder;
	mac_nobodys_address(&config->self, made);
	return made;
}

static void count_sent(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->observation.frames++;
	experiment->observation.forged += mac_is_forged(probe);
	experiment->sent[probe]++;
	if (experiment->observation.mark[probe] == MAC_UNASKED)
		experiment->observation.mark[probe] = MAC_UNCLEAR;
	if (!is_limited(probe))
		return;
	experiment->observation.limited++;
	experiment->limited[experiment->limited_count++ % MAC_LIMITED_PER_SECOND] = experiment->now;
}

size_t mac_experiment_next(struct mac_experiment *experiment, uint64_t now,
                           uint8_t frame[MAC_FRAME_MAX], enum mac_probe *probe)
{
	struct mac_ip made;
	experiment->now = now;
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
	return mac_frame_write(&experiment->config.self, *probe, target, &experiment->responder_mac,
	                       round, frame);
}

uint64_t mac_experiment_wake(const struct mac_experiment *experiment)
{
	if (experiment->phase == MAC_DONE || experiment->queue_head < experiment->queue_count)
		return experiment->now;
	uint64_t wake = experiment->began + MAC_TIME;
	if (experiment->phase == MAC_FINDING) {
		wake = experiment->began + FINDING_TIME;
		if (experiment->found_step < FINDING_STEPS)
			wake = experiment->began + finding[experiment->found_step].at;
		if (wants_dhcp(experiment) && dhcp_due(experiment) < wake)
			wake = dhcp_due(experiment);
		return wake;
	}
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		if (!round->over && round->sent + experiment->wait < wake)
			wake = round->sent + experiment->wait;
	}
	uint64_t due = out_of_limits(experiment) ? UINT64_MAX
	                                         : round_due(experiment, mac_compose(experiment));
	return due < wake ? due : wake;
}

void mac_experiment_sent(struct mac_experiment *experiment, uint64_t now, enum mac_probe probe)
{
	experiment->now = now;
	if (is_limited(probe))
		experiment->limited[(experiment->limited_count - 1) % MAC_LIMITED_PER_SECOND] = now;
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
