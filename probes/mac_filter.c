/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do VMs of this guest reach the network under their own MACs?  Frames tell,
 * and are sent only when the caller allows it; without that nothing is asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/mac.h"
#include "machine/nics.h"
#include "probes/mac_describe.h"
#include "probes/mac_plan.h"
#include "probes/mac_verdict.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char source[] = "frames";
static const char table[] = "rtnetlink";

/* What one interface came to. */
struct outcome {
	const struct nic *nic;
	struct mac_verdict verdict;
	char why[112]; /* when it was not tested, or not as it should be */
	json_t *evidence;
	enum mac_mark vlan; /* of the families that were asked, the best */
	unsigned duplicates;
	unsigned reflected;
};

static void key_of(char *key, size_t size, const char *nic, const char *rest)
{
	snprintf(key, size, "net.%s.%s", nic, rest);
}

/* What is no part of the word. */
static void take_aside(struct outcome *outcome, const struct mac_observation *observation)
{
	enum mac_mark vlan = observation->mark[MAC_VLAN];
	outcome->duplicates += observation->duplicates;
	outcome->reflected += observation->reflected;
	if (outcome->vlan == MAC_UNASKED || vlan == MAC_SEEN)
		outcome->vlan = vlan;
}

/* Asks one family.  False when no answer came. */
static bool ask(const struct probe_run *run, struct outcome *outcome, bool ipv6,
                struct mac_verdict *verdict)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct mac_observation observation;
	struct error err = ERROR_INIT;
	enum status status = machine_mac(run->machine, outcome->nic->name, ipv6, &answer);
	*verdict = (struct mac_verdict){ MAC_INCONCLUSIVE, MAC_LOW };
	if (status == STATUS_DENIED)
		*verdict = (struct mac_verdict){ MAC_NOT_PERMITTED, MAC_HIGH };
	if (status != STATUS_OBSERVED) {
		snprintf(outcome->why, sizeof outcome->why, "%s", answer.why);
		return status == STATUS_DENIED;
	}
	if (mac_observation_read(answer.text, answer.length, &observation, &err) != 0) {
		snprintf(outcome->why, sizeof outcome->why, "%.111s", err.message);
		return false;
	}
	*verdict = mac_judge(&observation);
	mac_describe(&observation, outcome->evidence);
	take_aside(outcome, &observation);
	return true;
}

/* Two interfaces hear each other.  False: on another segment, for all that is known. */
static bool ask_pair(const struct probe_run *run, const struct outcome *outcome,
                     const struct nic *other, bool tagged, struct mac_observation *observation)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct error err = ERROR_INIT;
	if (machine_mac_pair(run->machine, outcome->nic->name, other->name, tagged, &answer) !=
	            STATUS_OBSERVED ||
	    mac_observation_read(answer.text, answer.length, observation, &err) != 0 ||
	    observation->mark[MAC_ALIVE] != MAC_SEEN)
		return false;
	mac_describe_pair(other->name, observation, outcome->evidence);
	return true;
}

/* Where nobody else answers.  False: on another segment. */
static bool test_pair(const struct probe_run *run, const struct nic *other, struct outcome *outcome)
{
	struct mac_observation observation;
	bool one = ask_pair(run, outcome, other, false, &observation);
	if (one)
		outcome->verdict = mac_judge_pair(&observation);
	return one;
}

/* Where nobody answered in the VLAN: only a listener of our own makes a "no" of that. */
static bool test_tags(const struct probe_run *run, const struct nic *other, struct outcome *outcome)
{
	struct mac_observation observation;
	bool one = ask_pair(run, outcome, other, true, &observation);
	if (one)
		outcome->vlan = observation.mark[MAC_VLAN];
	return one;
}

static bool is_undecided(const struct outcome *outcome)
{
	return outcome->verdict.word == MAC_NO_RESPONDER ||
	       outcome->verdict.word == MAC_INCONCLUSIVE;
}

static bool lacks_vlan(const struct probe_run *run, const struct outcome *outcome)
{
	return run->settings->vlan != NULL && outcome->vlan != MAC_SEEN &&
	       outcome->vlan != MAC_SILENT;
}

static bool is_denied(const struct outcome *outcome)
{
	return outcome->verdict.word == MAC_NOT_PERMITTED;
}

/* IPv4, and IPv6 where that has something to add. */
static void test(const struct probe_run *run, const struct nics *nics, struct outcome *outcome)
{
	static const struct mac_verdict nobody = { MAC_NO_RESPONDER, MAC_HIGH };
	struct nic_path path;
	bool asked = false;
	outcome->verdict = nobody;
	for (int ipv6 = 0; ipv6 <= 1 && !is_denied(outcome) && !mac_is_final(outcome->verdict);
	     ipv6++) {
		struct mac_verdict verdict;
		nic_find_path(nics, outcome->nic, ipv6 != 0, &path);
		bool dhcp = run->settings->mac_dhcp && ipv6 == 0;
		if ((path.own == NULL || path.responder_count == 0) && !dhcp)
			continue;
		ask(run, outcome, ipv6 != 0, &verdict);
		outcome->verdict = asked ? mac_combine(outcome->verdict, verdict) : verdict;
		asked = true;
	}
	if (outcome->verdict.word == MAC_NO_RESPONDER)
		snprintf(outcome->why, sizeof outcome->why, "%s",
		         asked ? "nobody answered" : "no address, or nobody to ask");
}

static bool is_changed(const struct nic *nic)
{
	return nic->mac[0] != '\0' && nic->permanent[0] != '\0' &&
	       strcmp(nic->mac, nic->permanent) != 0;
}

static void emit_nic(const struct probe_run *run, const struct nic *nic)
{
	char key[64];
	key_of(key, sizeof key, nic->name, "mtu");
	fact_int(run->facts, key, nic->mtu, table);
	key_of(key, sizeof key, nic->name, "mac");
	if (nic->mac[0] != '\0')
		fact_text(run->facts, key, nic->mac, table);
	key_of(key, sizeof key, nic->name, "mac-changed");
	if (nic->mac[0] == '\0' || nic->permanent[0] == '\0')
		fact_none(run->facts, key, STATUS_ABSENT, "it has no permanent MAC", table);
	else
		fact_bool(run->facts, key, is_changed(nic), table);
}

/* Over an interface that is a VLAN itself the tag goes inside its own. */
static bool is_vlan(const struct nic *nic)
{
	return nic != NULL && strcmp(nic->kind, "vlan") == 0;
}

static void emit_vlan(const struct probe_run *run, const char *key, const struct outcome *outcome)
{
	char inside[80];
	const char *why = outcome->vlan == MAC_UNASKED ? "no VLAN was asked in"
	                                               : "nobody answered in the VLAN";
	if (outcome->vlan == MAC_UNCLEAR && is_vlan(outcome->nic)) {
		snprintf(inside, sizeof inside, "%s: its tag went inside that of %s", why,
		         outcome->nic->name);
		why = inside;
	}
	if (outcome->vlan == MAC_SEEN || outcome->vlan == MAC_SILENT)
		fact_bool(run->facts, key, outcome->vlan == MAC_SEEN, source);
	else
		fact_none(run->facts, key, STATUS_SKIPPED, why, source);
}

static void emit_outcome(const struct probe_run *run, const struct outcome *outcome)
{
	char key[64];
	const char *name = outcome->nic->name;
	key_of(key, sizeof key, name, "mac-filter");
	fact_text(run->facts, key, mac_word_name(outcome->verdict.word), source);
	key_of(key, sizeof key, name, "mac-filter.confidence");
	fact_text(run->facts, key, mac_confidence_name(outcome->verdict.confidence), source);
	if (outcome->why[0] != '\0')
		mac_describe_line(outcome->evidence, outcome->why);
	key_of(key, sizeof key, name, "duplicates");
	fact_int(run->facts, key, outcome->duplicates, source);
	key_of(key, sizeof key, name, "reflected");
	fact_int(run->facts, key, outcome->reflected, source);
	key_of(key, sizeof key, name, "vlan");
	emit_vlan(run, key, outcome);
	key_of(key, sizeof key, name, "mac-filter.evidence");
	fact_list(run->facts, key, json_incref(outcome->evidence), source);
}

/* Facts of all interfaces: known without frames, and known by frames only. */
static const char *const tabled[] = { "net.mac-filter.plan", "net.mac-filter.most", "net.mtu",
	                              "net.mac-changed" };
static const char *const untested[] = {
	"net.mac-filter", "net.mac-filter.nic", "net.mac-filter.confidence",
	"net.duplicates", "net.reflected",      "net.vlan"
};

static void emit_none(const struct probe_run *run, const char *const *keys, size_t count,
                      enum status status, const char *why)
{
	for (size_t i = 0; i < count; i++)
		fact_none(run->facts, keys[i], status, why, source);
}

static void emit_all(const struct probe_run *run, enum status status, const char *why)
{
	emit_none(run, tabled, COUNT(tabled), status, why);
	emit_none(run, untested, COUNT(untested), status, why);
}

/* The guest's own answer is that of its worst interface. */
static void emit_worst(const struct probe_run *run, const struct outcome *worst)
{
	if (is_denied(worst))
		fact_none(run->facts, "net.mac-filter", STATUS_DENIED, worst->why, source);
	else
		fact_text(run->facts, "net.mac-filter", mac_word_name(worst->verdict.word), source);
	fact_text(run->facts, "net.mac-filter.confidence",
	          mac_confidence_name(worst->verdict.confidence), source);
	fact_text(run->facts, "net.mac-filter.nic", worst->nic->name, source);
}

/* Dropped on one interface outweighs passed on another, and an answer no answer. */
static enum mac_mark worse_vlan(enum mac_mark a, enum mac_mark b)
{
	static const int weight[] = {
		[MAC_UNASKED] = 0, [MAC_UNCLEAR] = 1, [MAC_SEEN] = 2, [MAC_SILENT] = 3
	};
	return weight[a] >= weight[b] ? a : b;
}

/* What another interface of this guest can say about this one.  False: it is on another segment. */
static bool ask_other(const struct probe_run *run, const struct nics *nics, const struct nic *other,
                      struct outcome *outcome)
{
	struct mac_verdict unfit;
	if (mac_plan_objection(run, nics, other, &unfit) != NULL)
		return true;
	if (is_undecided(outcome) && !test_pair(run, other, outcome))
		return false;
	return !lacks_vlan(run, outcome) || test_tags(run, other, outcome);
}

static void test_all(const struct probe_run *run, const struct nics *nics,
                     const struct nic *const *list, size_t count)
{
	struct outcome worst = { .nic = NULL };
	struct outcome all = { .nic = NULL };
	bool worst_fits =
	        false; /* one on which no VM's frames would go outweighs none that is tested */
	unsigned apart[MAC_PLAN_NICS] = { 0 }; /* from which ones, bit 1 << place in the list */
	for (size_t i = 0; i < count; i++) {
		struct outcome outcome = { .nic = list[i], .evidence = json_array() };
		mac_describe_foreign(list[i], outcome.evidence);
		const char *why = mac_plan_objection(run, nics, list[i], &outcome.verdict);
		if (why != NULL)
			snprintf(outcome.why, sizeof outcome.why, "%s", why);
		else
			test(run, nics, &outcome);
		for (size_t k = 0; why == NULL && k < count; k++)
			if (k != i && (apart[k] & 1u << i) == 0 &&
			    !ask_other(run, nics, list[k], &outcome))
				apart[i] |= 1u << k;
		emit_outcome(run, &outcome);
		json_decref(outcome.evidence);
		outcome.evidence = NULL;
		all.duplicates += outcome.duplicates;
		all.reflected += outcome.reflected;
		all.vlan = worse_vlan(all.vlan, outcome.vlan);
		all.nic = is_vlan(list[i]) ? list[i] : all.nic;
		bool fits = nic_unfit(nics, list[i]) == NULL;
		if (worst.nic == NULL || (fits && !worst_fits) ||
		    (fits == worst_fits && outcome.verdict.word > worst.verdict.word)) {
			worst = outcome;
			worst_fits = fits;
		}
	}
	emit_worst(run, &worst);
	fact_int(run->facts, "net.duplicates", all.duplicates, source);
	fact_int(run->facts, "net.reflected", all.reflected, source);
	emit_vlan(run, "net.vlan", &all);
	if (run->settings->vlan != NULL)
		fact_int(run->facts, "net.vlan.id", atoi(run->settings->vlan), source);
	else
		fact_none(run->facts, "net.vlan.id", STATUS_SKIPPED, "none was asked about",
		          source);
}

static void run_table(const struct probe_run *run, const struct nics *nics)
{
	const struct nic *list[MAC_PLAN_NICS];
	size_t count;
	char why[80];
	if (!mac_plan_choose(run, nics, list, &count, why, sizeof why)) {
		emit_all(run, STATUS_SKIPPED, why);
		return;
	}
	unsigned mtu = list[0]->mtu;
	bool changed = false;
	for (size_t i = 0; i < count; i++) {
		emit_nic(run, list[i]);
		mtu = list[i]->mtu < mtu ? list[i]->mtu : mtu;
		changed = changed || is_changed(list[i]);
	}
	fact_int(run->facts, "net.mtu", mtu, table);
	fact_bool(run->facts, "net.mac-changed", changed, table);
	mac_plan_emit(run, nics, list, count);
	if (run->settings->mac_test)
		test_all(run, nics, list, count);
	else
		emit_none(run, untested, COUNT(untested), STATUS_SKIPPED, "no frames were sent");
}

static void run_mac_filter(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct error err = ERROR_INIT;
	if (!run->settings->network) {
		emit_all(run, STATUS_SKIPPED, "no frames were sent");
		return;
	}
	struct nics *nics = calloc(1, sizeof *nics);
	if (machine_nics(run->machine, &answer) != STATUS_OBSERVED)
		emit_all(run, answer.status, answer.why);
	else if (nics == NULL || nics_read(answer.text, answer.length, nics, &err) != 0)
		emit_all(run, STATUS_FAILED, nics == NULL ? "out of memory" : err.message);
	else
		run_table(run, nics);
	free(nics);
}

static const struct fact_declaration facts[] = {
	{ "net.mac-filter", "what the network does to MACs of VMs, over the worst interface" },
	{ "net.mac-filter.confidence", "how sure that is: low, medium, high" },
	{ "net.mac-filter.nic", "the interface it was seen on" },
	{ "net.mac-filter.plan", "interfaces to be tested, and who is asked over each" },
	{ "net.mac-filter.most", "frames that the test of one of them sends at most" },
	{ "net.mac-changed", "one of them uses another MAC than it was made with" },
	{ "net.duplicates", "answers that came twice, over all of them" },
	{ "net.reflected", "own frames that came back, over all of them" },
	{ "net.vlan.id", "the VLAN that was asked about" },
	{ "net.vlan", "frames with the VLAN tag that was asked about pass" },
	{ "net.*.vlan", "frames with that VLAN tag pass" },
	{ "net.mtu", "bytes: smallest MTU of the interfaces that lead out" },
	{ "net.*.mac-filter", "what the network behind one interface does to MACs of VMs" },
	{ "net.*.mac-filter.confidence", "how sure that is: low, medium, high" },
	{ "net.*.mac-filter.evidence", "what was sent and seen" },
	{ "net.*.duplicates", "answers that came twice" },
	{ "net.*.reflected", "own frames that came back" },
	{ "net.*.mac", "its MAC" },
	{ "net.*.mtu", "bytes: MTU" },
	{ "net.*.mac-changed", "the MAC is not the one that the interface was made with" },
	{ NULL, NULL },
};

const struct probe probe_mac_filter = {
	.id = "mac-filter",
	.title = "VMs of this guest reach the network under their own MACs",
	.flags = PROBE_ACTIVE,
	/*
	 * A second or two as a rule; 85 s where nobody answers by either family on
	 * MAC_PLAN_NICS interfaces, all on networks of their own.
	 */
	.deadline_ms = 100000,
	.facts = facts,
	.run = run_mac_filter,
};
