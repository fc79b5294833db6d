/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MAC experiment on made-up networks that lose frames, one by one or many in a row. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "machine/mac_loss.h"
#include "probes/mac_verdict.h"
#include "tests/lib/mac_network.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MS           1000

static const struct {
	const char *name;
	struct mac_network network;
} gateways[] = {
	{ "answers all", { .rtt = 0 } },          { "no ping", { .no_echo = true } },
	{ "slow", { .rtt = 300 * MS } },          { "twice", { .twice = true } },
	{ "by source", { .by_source = true } },   { "broadcasts", { .broadcasts = true } },
	{ "strict", { .ignores_nobody = true } },
};

static const struct mac_network policies[] = {
	{ .rtt = 0 },
	{ .no_flooding = true },
	{ .drops_forged = true },
	{ .no_learning = true },
	{ .drops_forged = true, .no_learning = true },
};

#define PAIRS (COUNT(gateways) * COUNT(policies))

/*
 * What a network loses, and of 1,000 runs at most how many words are other than
 * without loss: on the worst pair of gateway and policy, and over all; and of
 * 10,000 over all how many of them are not true.
 */
struct model {
	const char *name;
	struct mac_losses losses;
	unsigned worst;
	unsigned off;
	unsigned wrong;
};

struct count {
	unsigned runs;
	unsigned off;
	unsigned wrong;
	unsigned sure;   /* of the wrong ones, with high confidence */
	unsigned nobody; /* answered */
};

static struct mac_verdict run(const struct mac_network *network, const char *name,
                              struct mac_trace *trace)
{
	struct mac_observation observation;
	struct mac_config config;
	mac_network_config(network, &config);
	mac_network_run(network, &config, &observation, trace);
	mac_network_check(name, trace, &observation);
	return mac_judge(&observation);
}

/* A word that claims less than the whole, all of it true. */
static bool says_less(enum mac_word word, const struct mac_network *network)
{
	return word == MAC_INCONCLUSIVE || word == MAC_NO_RESPONDER ||
	       (word == MAC_EGRESS_OK && !network->drops_forged) ||
	       (word == MAC_EGRESS_FILTERED && network->drops_forged);
}

/* Of the next pair; false after the last one. */
static bool next_pair(size_t *pair, const char **name, struct mac_network *network)
{
	if (*pair == PAIRS)
		return false;
	const struct mac_network *policy = &policies[*pair % COUNT(policies)];
	*name = gateways[*pair / COUNT(policies)].name;
	*network = gateways[(*pair)++ / COUNT(policies)].network;
	network->no_flooding = policy->no_flooding;
	network->drops_forged = policy->drops_forged;
	network->no_learning = policy->no_learning;
	return true;
}

static void count_word(struct mac_verdict verdict, enum mac_word expected,
                       const struct mac_network *network, struct count *count)
{
	bool off = verdict.word != expected;
	bool wrong = off && !says_less(verdict.word, network);
	count->runs++;
	count->off += off;
	count->wrong += wrong;
	count->sure += wrong && verdict.confidence == MAC_HIGH;
	count->nobody += verdict.word == MAC_NO_RESPONDER;
	cr_expect_not(off && verdict.word == MAC_OPEN, "open, though it is not");
}

/* MAC_RUNS in the environment: so many instead, and the figures are said (doc/mac-test.md). */
static unsigned count_runs(unsigned runs)
{
	const char *more = getenv("MAC_RUNS");
	return more == NULL ? runs : (unsigned)strtoul(more, NULL, 10);
}

static void say(const char *name, const struct count *count, unsigned worst)
{
	double percent = 100.0 / count->runs;
	if (getenv("MAC_RUNS") != NULL)
		cr_log_warn("%-24s %5.2f %% off (worst %5.2f %%; nobody %5.2f %%), %.3f %% wrong, "
		            "%.3f %% and sure",
		            name, percent * count->off, percent * worst * PAIRS,
		            percent * count->nobody, percent * count->wrong, percent * count->sure);
}

/* With high confidence one in 10,000 is not true: where it so happens that no control is lost. */
static void hold(const struct model *model, unsigned runs)
{
	struct count all = { 0 };
	struct mac_network network;
	struct mac_trace trace;
	const char *name;
	unsigned worst = 0;
	runs = count_runs(runs);
	for (size_t pair = 0; next_pair(&pair, &name, &network);) {
		unsigned before = all.off;
		enum mac_word expected = run(&network, name, &trace).word;
		network.losses = model->losses;
		for (network.losses.seed = 1; network.losses.seed <= runs; network.losses.seed++)
			count_word(run(&network, name, &trace), expected, &network, &all);
		worst = all.off - before > worst ? all.off - before : worst;
	}
	say(model->name, &all, worst);
	cr_expect_leq(worst * 1000, model->worst * runs, "%s: %u of %u", model->name, worst, runs);
	cr_expect_leq(all.off * 1000, model->off * all.runs, "%s: %u of %u off", model->name,
	              all.off, all.runs);
	cr_expect_leq(all.wrong * 10000ul, model->wrong * (unsigned long)all.runs,
	              "%s: %u of %u wrong", model->name, all.wrong, all.runs);
	cr_expect_leq(all.sure * 10000ul, all.runs, "%s: %u sure", model->name, all.sure);
}

/*
 * Each way: 10 % are 19 % of the questions, 20 % are 36 %.  What is not said as
 * without loss is off.
 */
Test(mac_loss, at_a_fifth_lost_each_way_one_in_a_hundred_is_off)
{
	static const struct model models[] = {
		{ "10 %", { .loss = 10 }, .worst = 10, .off = 10, .wrong = 2 },
		{ "20 %", { .loss = 20 }, .worst = 10, .off = 10, .wrong = 2 },
	};
	for (size_t i = 0; i < COUNT(models); i++)
		hold(&models[i], 400);
}

/* Half of the questions and more. */
Test(mac_loss, more_loss_makes_unsure_and_not_wrong)
{
	static const struct model models[] = {
		{ "30 %", { .loss = 30 }, .worst = 1000, .off = 1000, .wrong = 2 },
		{ "40 %", { .loss = 40 }, .worst = 1000, .off = 1000, .wrong = 2 },
	};
	for (size_t i = 0; i < COUNT(models); i++)
		hold(&models[i], 400);
}

/*
 * Bursts of frames, as a full queue drops them.  The chain moves on with frames
 * of ours only, as if nobody else sent any: those of long bursts outlast pauses.
 */
Test(mac_loss, bursts_of_frames_make_unsure_and_not_wrong)
{
	static const struct model models[] = {
		{ "10 %, 3 frames", { .loss = 10, .frames = 3 }, 20, 5, 0 },
		{ "10 %, 5 frames", { .loss = 10, .frames = 5 }, 60, 40, 0 },
		{ "10 %, 10 frames", { .loss = 10, .frames = 10 }, 120, 60, 5 },
		{ "20 %, 2 frames", { .loss = 20, .frames = 2 }, 80, 20, 2 },
		{ "20 %, 3 frames", { .loss = 20, .frames = 3 }, 180, 60, 2 },
		{ "20 %, 5 frames", { .loss = 20, .frames = 5 }, 260, 110, 2 },
		{ "20 %, 10 frames", { .loss = 20, .frames = 10 }, 330, 180, 20 },
		{ "20 %, 5 frames, at once",
		  { .loss = 20, .frames = 5, .together = true },
		  280,
		  80,
		  2 },
	};
	for (size_t i = 0; i < COUNT(models); i++)
		hold(&models[i], 100);
}

/* Bursts that last, as of radio: both ways at once, and each way by itself. */
Test(mac_loss, bursts_of_time_are_survived_up_to_a_tenth_of_a_second)
{
	static const struct model models[] = {
		{ "10 %, 10 ms", { .loss = 10, .time = 10 * MS }, 20, 2, 0 },
		{ "10 %, 100 ms", { .loss = 10, .time = 100 * MS }, 60, 5, 0 },
		{ "10 %, 1 s", { .loss = 10, .time = 1000 * MS }, 100, 30, 5 },
		{ "20 %, 3 ms", { .loss = 20, .time = 3 * MS }, 60, 10, 2 },
		{ "20 %, 10 ms", { .loss = 20, .time = 10 * MS }, 70, 10, 2 },
		{ "20 %, 30 ms", { .loss = 20, .time = 30 * MS }, 120, 15, 2 },
		{ "20 %, 100 ms", { .loss = 20, .time = 100 * MS }, 400, 80, 2 },
		{ "20 %, 1 s", { .loss = 20, .time = 1000 * MS }, 300, 110, 20 },
		{ "20 %, 10 ms, at once",
		  { .loss = 20, .time = 10 * MS, .together = true },
		  90,
		  10,
		  2 },
		{ "20 %, 100 ms, at once",
		  { .loss = 20, .time = 100 * MS, .together = true },
		  330,
		  30,
		  2 },
		{ "20 %, 1 s, at once",
		  { .loss = 20, .time = 1000 * MS, .together = true },
		  200,
		  50,
		  10 },
	};
	for (size_t i = 0; i < COUNT(models); i++)
		hold(&models[i], 100);
}

/* A cable, a moved VM, a bond that fails over; a slow gateway's answers may then be too few. */
Test(mac_loss, two_dead_seconds_in_the_middle_change_no_word)
{
	static const unsigned from[] = { 1, 20, 100, 200, 300, 400, 500, 1000 };
	static const unsigned lasts[] = { 100, 200, 500, 1000, 1500, 2000 };
	struct mac_network network;
	struct mac_trace trace;
	const char *name;
	for (size_t pair = 0; next_pair(&pair, &name, &network);) {
		enum mac_word expected = run(&network, name, &trace).word;
		for (size_t i = 0; i < COUNT(from) * COUNT(lasts); i++) {
			unsigned at = from[i / COUNT(lasts)];
			unsigned until = at + lasts[i % COUNT(lasts)];
			network.losses.dead_from = at * (uint64_t)MS;
			network.losses.dead_until = until * (uint64_t)MS;
			enum mac_word word = run(&network, name, &trace).word;
			bool less = network.rtt > 0 && says_less(word, &network);
			cr_expect(word == expected || less, "%s, %zu, dead %u to %u ms: %s", name,
			          pair, at, until, mac_word_name(word));
		}
	}
}

/* Spanning tree: what is silent from the beginning filters nothing. */
Test(mac_loss, a_switch_that_forwards_late_is_nobody_or_as_it_is)
{
	static const unsigned forwards[] = { 500, 1000, 2000, 3000, 4000, 5000, 10000, 30000 };
	struct mac_network network;
	struct mac_trace trace;
	const char *name;
	for (size_t pair = 0; next_pair(&pair, &name, &network);) {
		enum mac_word expected = run(&network, name, &trace).word;
		for (size_t i = 0; i < COUNT(forwards); i++) {
			network.losses.dead_until = forwards[i] * (uint64_t)MS;
			enum mac_word word = run(&network, name, &trace).word;
			cr_expect_eq(word, forwards[i] > 3000 ? MAC_NO_RESPONDER : expected,
			             "%s, %zu, forwards after %u ms: %s", name, pair, forwards[i],
			             mac_word_name(word));
		}
	}
}

/*
 * Who answers so much a second at most, and answers what comes first, must not
 * make the others look dropped: it does so to whatever stands last in a round.
 */
Test(mac_loss, a_limit_of_answers_is_no_filter)
{
	static const unsigned rates[] = { 1, 2, 3, 5, 8, 10, 13, 20 };
	static const unsigned sizes[] = { 1, 2, 3, 5 };
	struct count all = { 0 };
	struct mac_network network;
	struct mac_trace trace;
	const char *name;
	for (size_t pair = 0; next_pair(&pair, &name, &network);) {
		enum mac_word expected = run(&network, name, &trace).word;
		for (size_t i = 0; i < COUNT(rates) * COUNT(sizes) * 3; i++) {
			const struct mac_limit limit = { rates[i / 3 / COUNT(sizes)],
				                         sizes[i / 3 % COUNT(sizes)] };
			const struct mac_limit none = { 0 };
			network.asked = i % 3 == 0 ? none : limit;
			network.pinged = i % 3 == 1 ? none : limit;
			struct mac_verdict verdict = run(&network, name, &trace);
			count_word(verdict, expected, &network, &all);
			cr_expect(verdict.word == expected || says_less(verdict.word, &network),
			          "%s, %zu, %zu: %u a second, %u at once: %s", name, pair, i % 3,
			          limit.per_second, limit.at_once, mac_word_name(verdict.word));
		}
	}
	say("limits", &all, 0);
	cr_expect_leq(all.off * 100, all.runs * 18, "%u of %u", all.off, all.runs);
}

/* What was silent for good is not called filtered, however much the link loses beside it. */
Test(mac_loss, a_port_that_shuts_is_shut_or_unclear)
{
	const struct mac_losses losses = { .loss = 20 };
	unsigned blocked = 0;
	for (unsigned seed = 1; seed <= 500; seed++) {
		struct mac_network network = { .shuts = true, .losses = losses };
		struct mac_trace trace;
		network.losses.seed = seed;
		enum mac_word word = run(&network, "shut", &trace).word;
		blocked += word == MAC_PORT_BLOCKED;
		cr_expect(word == MAC_PORT_BLOCKED || word == MAC_INCONCLUSIVE ||
		                  word == MAC_NO_RESPONDER,
		          "%u: %s", seed, mac_word_name(word));
	}
	cr_expect_geq(blocked, 480, "%u", blocked);
}

/* What only silences say is likely and no more; what came back came back. */
Test(mac_loss, where_a_control_was_lost_no_silence_is_sure)
{
	struct mac_network network;
	struct mac_trace trace;
	const char *name;
	for (size_t pair = 0; next_pair(&pair, &name, &network);) {
		struct mac_observation observation;
		struct mac_config config;
		mac_network_config(&network, &config);
		mac_network_run(&network, &config, &observation, &trace);
		struct mac_verdict sure = mac_judge(&observation);
		observation.lost_permille = 6; /* one of 160 */
		struct mac_verdict likely = mac_judge(&observation);
		bool by_silence = sure.word != MAC_OPEN && sure.confidence == MAC_HIGH;
		cr_expect_eq(likely.word, sure.word, "%s, %zu", name, pair);
		cr_expect_eq(likely.confidence, by_silence ? MAC_MEDIUM : sure.confidence,
		             "%s, %zu", name, pair);
	}
}

/*
 * Two in a row lost, and no control: pings from F that were lost looked like an
 * ARP proxy before an egress filter.  These seeds were the ones of 105,000.
 */
Test(mac_loss, pings_from_f_alone_are_asked_for_thrice)
{
	static const struct mac_network open[] = {
		{ .no_flooding = true, .losses = { .loss = 20, .frames = 2, .seed = 770 } },
		{ .no_flooding = true, .losses = { .loss = 10, .seed = 1010 } },
		{ .losses = { .loss = 10, .seed = 2861 } },
	};
	for (size_t i = 0; i < COUNT(open); i++) {
		struct mac_trace trace;
		cr_expect_eq(run(&open[i], "pings", &trace).word, MAC_OPEN, "%zu", i);
	}
}

/* Who answers no question without a sender leaves nothing else to go by; two seeds of 40,000. */
Test(mac_loss, a_strict_gateway_loses_no_direction_by_a_few_lost_pings)
{
	static const unsigned seeds[] = { 3220, 12153 };
	for (size_t i = 0; i < COUNT(seeds); i++) {
		struct mac_network network = { .ignores_nobody = true,
			                       .losses = { .loss = 20, .seed = seeds[i] } };
		struct mac_trace trace;
		cr_expect_eq(run(&network, "strict", &trace).word, MAC_EGRESS_OK, "%zu", i);
	}
}

/* The measured loss itself: no word that rests on a silence stands on more than a quarter. */
Test(mac_loss, above_a_quarter_of_the_controls_nothing_is_silent)
{
	struct mac_loss loss = { .asked = 300, .answered = 200, .controls = 100, .kept = 75 };
	cr_expect_not(mac_is_above_limit(&loss));
	loss.kept = 74;
	cr_expect(mac_is_above_limit(&loss));
}

/* The figures of machine/mac_loss.c. */
Test(mac_loss, so_many_questions_make_a_silence)
{
	static const struct {
		struct mac_loss loss;
		enum mac_doubt doubt;
		unsigned questions;
	} silences[] = {
		{ { 16, 16, 8, 8 }, MAC_USUAL, 4 },    { { 6, 6, 6, 6 }, MAC_USUAL, 5 },
		{ { 60, 38, 20, 19 }, MAC_USUAL, 11 }, { { 60, 38, 20, 19 }, MAC_LAST, 9 },
		{ { 16, 16, 8, 8 }, MAC_ALONE, 7 },
	};
	for (size_t i = 0; i < COUNT(silences); i++) {
		cr_expect(mac_is_believable(silences[i].questions, &silences[i].loss,
		                            silences[i].doubt),
		          "%zu", i);
		cr_expect_not(mac_is_believable(silences[i].questions - 1, &silences[i].loss,
		                                silences[i].doubt),
		              "%zu", i);
	}
	const struct mac_loss nothing = { 12, 0, 12, 0 };
	cr_expect_not(mac_is_believable(100, &nothing, MAC_LAST));
}
