/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MAC experiment on made-up networks: its verdicts, its limits and its time. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/mac_forge.h"
#include "machine/mac_loss.h"
#include "probes/mac_verdict.h"
#include "tests/lib/mac_network.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MS           1000

static const struct row {
	const char *name;
	struct mac_network network;
	enum mac_word word;
	enum mac_confidence confidence;
	unsigned within_ms;
} rows[] = {
	{ "open", { .rtt = 0 }, MAC_OPEN, MAC_HIGH, 2 },
	{ "learning", { .no_flooding = true }, MAC_OPEN, MAC_HIGH, 2 },
	{ "forged rejected", { .drops_forged = true }, MAC_EGRESS_FILTERED, MAC_HIGH, 620 },
	{ "promiscuous rejected", { .no_learning = true }, MAC_INGRESS_FILTERED, MAC_HIGH, 620 },
	{ "both", { .drops_forged = true, .no_learning = true }, MAC_FILTERED, MAC_HIGH, 620 },
	{ "no ping: open", { .no_echo = true }, MAC_OPEN, MAC_MEDIUM, 650 },
	{ "no ping: forged rejected",
	  { .no_echo = true, .drops_forged = true },
	  MAC_EGRESS_FILTERED,
	  MAC_HIGH,
	  1700 },
	{ "no ping: promiscuous rejected",
	  { .no_echo = true, .no_learning = true },
	  MAC_INGRESS_FILTERED,
	  MAC_HIGH,
	  1700 },
	{ "no ping: both",
	  { .no_echo = true, .drops_forged = true, .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  1700 },
	{ "shut", { .shuts = true }, MAC_PORT_BLOCKED, MAC_MEDIUM, 7000 },
	{ "shut, no ping", { .shuts = true, .no_echo = true }, MAC_PORT_BLOCKED, MAC_MEDIUM, 8000 },
	{ "shut a moment later",
	  { .shuts = true, .shuts_after = 300 * MS, .drops_forged = true },
	  MAC_PORT_BLOCKED,
	  MAC_MEDIUM,
	  7500 },
	{ "nobody", { .absent = true }, MAC_NO_RESPONDER, MAC_HIGH, 3700 },
	{ "strict gateway, open", { .ignores_nobody = true }, MAC_EGRESS_OK, MAC_MEDIUM, 1000 },
	{ "strict gateway, forged rejected",
	  { .ignores_nobody = true, .drops_forged = true },
	  MAC_EGRESS_FILTERED,
	  MAC_MEDIUM,
	  1000 },
	{ "strict gateway without ping",
	  { .ignores_nobody = true, .no_echo = true },
	  MAC_INCONCLUSIVE,
	  MAC_LOW,
	  4000 },
	{ "addresses checked", { .checks_sender = true }, MAC_EGRESS_OK, MAC_MEDIUM, 1000 },
	{ "broadcasts, open", { .broadcasts = true }, MAC_EGRESS_OK, MAC_MEDIUM, 2 },
	{ "broadcasts, forged rejected",
	  { .broadcasts = true, .drops_forged = true },
	  MAC_EGRESS_FILTERED,
	  MAC_MEDIUM,
	  620 },
	{ "by source, open", { .by_source = true }, MAC_OPEN, MAC_HIGH, 2 },
	{ "by source, forged rejected",
	  { .by_source = true, .drops_forged = true },
	  MAC_EGRESS_FILTERED,
	  MAC_MEDIUM,
	  620 },
	{ "twice, open", { .twice = true }, MAC_OPEN, MAC_HIGH, 2 },
	{ "twice, filtered",
	  { .twice = true, .drops_forged = true, .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  620 },
	{ "twice, slow and no ping: both",
	  { .twice = true,
	    .rtt = 300 * MS,
	    .no_echo = true,
	    .drops_forged = true,
	    .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  3500 },
	{ "proxy hides",
	  { .proxy = true, .drops_forged = true },
	  MAC_EGRESS_FILTERED,
	  MAC_MEDIUM,
	  620 },
	{ "proxy for anything, no ping",
	  { .proxy = true, .anything = true, .drops_forged = true, .no_echo = true },
	  MAC_INCONCLUSIVE,
	  MAC_LOW,
	  900 },
	{ "the blind spot",
	  { .proxy = true, .drops_forged = true, .no_echo = true },
	  MAC_OPEN,
	  MAC_MEDIUM,
	  900 },
	{ "slow, open", { .rtt = 300 * MS }, MAC_OPEN, MAC_HIGH, 620 },
	{ "slow, filtered",
	  { .rtt = 300 * MS, .drops_forged = true, .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  1400 },
	{ "taken for fast, filtered",
	  { .rtt = 351 * MS, .drops_forged = true, .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  3000 },
	{ "taken for fast, no ping",
	  { .rtt = 351 * MS, .drops_forged = true, .no_echo = true },
	  MAC_EGRESS_FILTERED,
	  MAC_HIGH,
	  4000 },
	{ "very slow, open", { .rtt = 1500 * MS }, MAC_OPEN, MAC_HIGH, 3200 },
	{ "very slow, filtered",
	  { .rtt = 1500 * MS, .drops_forged = true, .no_learning = true },
	  MAC_FILTERED,
	  MAC_HIGH,
	  4700 },
	{ "filter in the guest", { .send_fails = true }, MAC_LOCAL_FILTER, MAC_HIGH, 620 },
};

static struct mac_verdict run(const struct mac_network *network, struct mac_trace *trace,
                              struct mac_observation *observation)
{
	struct mac_config config;
	mac_network_config(network, &config);
	mac_network_run(network, &config, observation, trace);
	return mac_judge(observation);
}

static void check_row(const struct row *row, bool ipv6)
{
	struct mac_network network = row->network;
	struct mac_observation observation;
	struct mac_trace trace;
	network.ipv6 = ipv6;
	struct mac_verdict verdict = run(&network, &trace, &observation);
	cr_expect_eq(verdict.word, row->word, "%s, IPv%d: %s", row->name, ipv6 ? 6 : 4,
	             mac_word_name(verdict.word));
	cr_expect_eq(verdict.confidence, row->confidence, "%s: %s", row->name,
	             mac_confidence_name(verdict.confidence));
	cr_expect_leq(trace.took, row->within_ms * (uint64_t)MS, "%s: %u ms", row->name,
	              (unsigned)(trace.took / MS));
	mac_network_check(row->name, &trace, &observation);
}

Test(mac_experiment, every_network_has_its_verdict)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i], false);
}

/* What ARP alone can do is left out. */
static bool has_ipv6(const struct mac_network *network)
{
	return !network->ignores_nobody && !network->checks_sender && !network->broadcasts &&
	       !network->by_source && !network->proxy;
}

Test(mac_experiment, the_same_over_ipv6)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (has_ipv6(&rows[i].network))
			check_row(&rows[i], true);
}

static void check_untagged(const struct row *row, bool ipv6)
{
	struct mac_network network = row->network;
	struct mac_observation observation;
	struct mac_config config;
	struct mac_trace trace;
	network.ipv6 = ipv6;
	network.takes_tags_off = true;
	mac_network_config(&network, &config);
	config.self.vlan = 20;
	mac_network_run(&network, &config, &observation, &trace);
	struct mac_verdict verdict = mac_judge(&observation);
	cr_expect(verdict.word == row->word && verdict.confidence == row->confidence,
	          "%s, IPv%d: %s, %s", row->name, ipv6 ? 6 : 4, mac_word_name(verdict.word),
	          mac_confidence_name(verdict.confidence));
	cr_expect_neq(observation.mark[MAC_VLAN], MAC_SEEN, "%s", row->name);
	cr_expect(network.twice || observation.duplicates == 0, "%s: %u", row->name,
	          observation.duplicates);
	mac_network_check(row->name, &trace, &observation);
}

/* What is asked in the VLAN may be answered without a tag, and is then no answer to anything else.
 */
Test(mac_experiment, an_access_port_of_the_vlan_changes_no_word)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int ipv6 = 0; ipv6 <= (rows[i].network.proxy ? 0 : 1); ipv6++)
			if (ipv6 == 0 ||
			    (!rows[i].network.ignores_nobody && !rows[i].network.checks_sender &&
			     !rows[i].network.broadcasts && !rows[i].network.by_source))
				check_untagged(&rows[i], ipv6);
}

Test(mac_experiment, an_open_port_costs_three_frames_of_doubt)
{
	const struct mac_network network = { .rtt = 0 };
	struct mac_observation observation;
	struct mac_trace trace;
	run(&network, &trace, &observation);
	cr_expect_eq(observation.forged, 2);
	cr_expect_eq(observation.rounds, 1);
	cr_expect_eq(observation.duplicates, 0);
	cr_expect_eq(observation.reflected, 0);
}

Test(mac_experiment, what_comes_twice_is_counted)
{
	const struct mac_network network = { .twice = true, .no_learning = true };
	struct mac_observation observation;
	struct mac_trace trace;
	run(&network, &trace, &observation);
	cr_expect_gt(observation.duplicates, 4);
}

/* The guest's kernel looks for its gateway, too, and the answer looks like one of ours. */
Test(mac_experiment, an_answer_to_the_kernel_did_not_come_twice)
{
	static const struct {
		unsigned sent, received, duplicates;
	} rows_of_answers[] = {
		{ 4, 4, 0 }, { 4, 5, 0 }, { 4, 8, 4 }, { 60, 63, 0 }, { 60, 77, 17 }
	};
	for (size_t i = 0; i < COUNT(rows_of_answers); i++) {
		struct mac_experiment experiment = { 0 };
		experiment.sent[MAC_ALIVE] = rows_of_answers[i].sent;
		experiment.received[MAC_ALIVE] = rows_of_answers[i].received;
		cr_expect_eq(mac_count_duplicates(&experiment), rows_of_answers[i].duplicates,
		             "%u of %u", rows_of_answers[i].received, rows_of_answers[i].sent);
		experiment.sent[MAC_ECHO] = 1;
		experiment.received[MAC_ECHO] = 2; /* the kernel pings nobody */
		cr_expect_eq(mac_count_duplicates(&experiment),
		             rows_of_answers[i].received - rows_of_answers[i].sent + 1);
	}
}

/* Nor was anything lost, as it is where of answers that come twice one is missing. */
Test(mac_experiment, an_answer_to_the_kernel_changes_no_word)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned at = 1; at < 600; at += 50) {
			struct row row = rows[i];
			row.network.kernel_asks = at * MS;
			check_row(&row, false);
			if (has_ipv6(&row.network))
				check_row(&row, true);
		}
}

static const struct mac_ip spare = { { 10, 0, 0, 99 } };

/* The spare address settles what a gateway that wants a sender leaves open. */
Test(mac_experiment, a_spare_address_stands_in_for_a_vm)
{
	struct mac_network network = { .ignores_nobody = true };
	struct mac_config config;
	struct mac_observation observation;
	struct mac_trace trace;
	mac_network_config(&network, &config);
	config.self.spare = spare;
	mac_network_run(&network, &config, &observation, &trace);
	cr_expect_eq(mac_judge(&observation).word, MAC_OPEN);
	cr_expect_eq(observation.mark[MAC_SPARE_TAKEN], MAC_SILENT, "it was asked for first");
	cr_expect_not(observation.spare_in_use);
	mac_network_check("spare", &trace, &observation);
}

Test(mac_experiment, an_address_that_somebody_has_is_not_used)
{
	struct mac_network network = { .anything = true, .no_learning = true };
	struct mac_config config;
	struct mac_observation observation;
	struct mac_trace trace;
	mac_network_config(&network, &config);
	config.self.spare = spare;
	mac_network_run(&network, &config, &observation, &trace);
	cr_expect(observation.spare_in_use);
	cr_expect_eq(observation.mark[MAC_SPARE], MAC_UNASKED);
}

/* Two families over one interface are one port's: the second keeps to what the first has sent. */
Test(mac_experiment, it_goes_on_at_the_pace_of_the_one_before)
{
	const struct mac_network network = { .rtt = 0 };
	struct mac_config config;
	struct mac_experiment experiment;
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	const uint64_t now = 5000000;
	mac_network_config(&network, &config);
	config.pace.count = MAC_LIMITED_PER_SECOND;
	for (size_t i = 0; i < MAC_LIMITED_PER_SECOND; i++)
		config.pace.at[i] = now - 1000;
	mac_experiment_begin(&experiment, &config, now);
	cr_expect_eq(mac_experiment_next(&experiment, now, frame, &probe), 0);
	cr_expect_geq(mac_experiment_wake(&experiment), now + 999000);
	cr_expect_gt(mac_experiment_next(&experiment, now + 1100000, frame, &probe), 0);
}

Test(mac_experiment, without_anybody_to_ask_nothing_is_sent)
{
	struct mac_network network = { .rtt = 0 };
	struct mac_config config;
	struct mac_observation observation;
	struct mac_trace trace;
	mac_network_config(&network, &config);
	config.responder_count = 0;
	mac_network_run(&network, &config, &observation, &trace);
	cr_expect_eq(trace.frames, 0);
	cr_expect_eq(trace.took, 0);
	cr_expect_eq(mac_judge(&observation).word, MAC_NO_RESPONDER);
}

/* The next question with a tag, and whom it asks for; what stands before it is sent, too. */
static bool next_tagged(struct mac_experiment *experiment, uint64_t now, struct mac_ip *target)
{
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	while (mac_experiment_next(experiment, now, frame, &probe) > 0) {
		*target = (struct mac_ip){ { 0 } };
		memcpy(target->byte, frame + 14 + 4 + 24, 4);
		if (probe == MAC_VLAN)
			return true;
	}
	return false;
}

/* A router has another address there, and may answer for that one only. */
Test(mac_experiment, who_is_to_be_pinged_is_asked_in_the_vlan_too)
{
	const struct mac_network network = { .rtt = 0 };
	const uint8_t found[42] = { 0x52, 0x54, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 0xfe, 8,  6, 0, 1,
		                    8,    0,    6, 4, 0, 2, 0x52, 0x54, 0, 0, 0, 0xfe, 10, 0, 0, 1,
		                    0x52, 0x54, 0, 0, 0, 1, 10,   0,    0, 2 };
	struct mac_experiment experiment;
	struct mac_config config;
	struct mac_ip asked[2];
	mac_network_config(&network, &config);
	config.self.vlan = 20;
	config.echo = spare;
	mac_experiment_begin(&experiment, &config, MS);
	cr_assert_not(next_tagged(&experiment, MS, &asked[0]));
	mac_experiment_receive(&experiment, MS, found, sizeof found);
	for (uint64_t i = 0; i < COUNT(asked); i++)
		cr_assert(next_tagged(&experiment, 200 * MS * (i + 1), &asked[i]));
	cr_expect(mac_ip_equal(&asked[0], &spare) && mac_ip_equal(&asked[1], &config.responder[0]));
}

/* A guest that was stopped for three seconds while it looked for somebody. */
Test(mac_experiment, who_was_kept_waiting_catches_up_within_the_limit)
{
	const struct mac_network network = { .absent = true };
	struct mac_config config;
	struct mac_experiment experiment;
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	unsigned sent = 0;
	mac_network_config(&network, &config);
	config.dhcp = true;
	mac_experiment_begin(&experiment, &config, 0);
	while (mac_experiment_next(&experiment, 3500 * MS, frame, &probe) > 0)
		sent++;
	cr_expect_leq(sent, MAC_LIMITED_PER_SECOND);
	cr_expect_gt(sent, 8);
	cr_expect_gt(mac_experiment_wake(&experiment), 3500 * MS);
}

Test(mac_experiment, frames_that_the_interface_did_not_count_were_filtered_here)
{
	const struct mac_network network = { .drops_forged = true, .no_learning = true };
	struct mac_config config;
	struct mac_experiment experiment;
	struct mac_observation observation;
	mac_network_config(&network, &config);
	mac_experiment_begin(&experiment, &config, 0);
	experiment.observation.mark[MAC_ALIVE] = MAC_SEEN;
	experiment.observation.frames = 20;
	experiment.observation.forged = 8;
	mac_experiment_counted(&experiment, 13);
	mac_experiment_end(&experiment, &observation);
	cr_expect_neq(mac_judge(&observation).word, MAC_LOCAL_FILTER);
	mac_experiment_counted(&experiment, 12);
	mac_experiment_end(&experiment, &observation);
	cr_expect_eq(mac_judge(&observation).word, MAC_LOCAL_FILTER);
}

Test(mac_experiment, made_up_macs_are_the_same_each_time_and_nobody_elses)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	const struct mac one = { { 0x52, 0x54, 0, 0, 0, 1 } };
	const struct mac two = { { 0x52, 0x54, 0, 0, 0, 2 } };
	struct mac f[4];
	struct mac u[4];
	mac_forge(id, &one, &f[0], &u[0]);
	mac_forge(id, &one, &f[1], &u[1]);
	mac_forge(id, &two, &f[2], &u[2]);
	mac_forge("", &one, &f[3], &u[3]);
	cr_expect(mac_equal(&f[0], &f[1]) && mac_equal(&u[0], &u[1]));
	cr_expect_not(mac_equal(&f[0], &u[0]) || mac_equal(&f[0], &f[2]) ||
	              mac_equal(&f[0], &f[3]));
	for (size_t i = 0; i < COUNT(f); i++) {
		cr_expect_eq(f[i].byte[0] & 3, 2, "locally administered, unicast");
		cr_expect_eq(u[i].byte[0] & 3, 2);
	}
}
