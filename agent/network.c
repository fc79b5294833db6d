/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See network.h.  A worker of its own looks at the interfaces, and another one sends. */
#include "agent/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/mac_last.h"
#include "agent/mac_turn.h"
#include "report/report.h"
#include "transport/config.h"

#define PROBE "mac-filter"

/* Of machine/mac_experiment.h, for people; tests/mac counts them. */
#define FRAMES_USUAL 8

/* Of one machine, and not of this one: neither nobody's, nor everybody's, nor the loopback's. */
static bool is_address(const char *text)
{
	static const unsigned char none[15];
	unsigned char bytes[16];
	if (inet_pton(AF_INET, text, bytes) == 1)
		return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
	return inet_pton(AF_INET6, text, bytes) == 1 && bytes[0] != 0xff &&
	       (memcmp(bytes, none, sizeof none) != 0 || bytes[15] > 1);
}

/* IEEE 802.1Q: 0 and 4095 name none. */
static bool is_vlan(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = digits == 0 || digits > 4 ? 0 : strtoul(text, NULL, 10);
	return text[digits] == '\0' && number >= 1 && number <= 4094;
}

int network_check_options(const struct options *options, struct error *err)
{
	const char *const addresses[] = { options->mac_echo, options->mac_spare };
	static const char *const names[] = { "mac-echo", "mac-spare-ip" };
	for (size_t i = 0; i < 2; i++)
		if (addresses[i] != NULL && !is_address(addresses[i]))
			return error_set(err, ERROR_USAGE, 0,
			                 "--%s: expected the IP address of a host; found '%.60s'",
			                 names[i], addresses[i]);
	if (options->mac_vlan != NULL && !is_vlan(options->mac_vlan))
		return error_set(err, ERROR_USAGE, 0,
		                 "--vlan: expected a number from 1 to 4094; found '%.20s'",
		                 options->mac_vlan);
	for (size_t i = 0; i < options->nics.count; i++)
		if (strlen(options->nics.word[i]) > 15 ||
		    strpbrk(options->nics.word[i], ", /") != NULL)
			return error_set(err, ERROR_USAGE, 0,
			                 "--nic: expected the name of an interface; found '%.40s'",
			                 options->nics.word[i]);
	return 0;
}

bool network_is_asked_for(const struct options *options)
{
	return options->nics.count > 0 || options->mac_echo != NULL || options->mac_spare != NULL ||
	       options->mac_dhcp || options->mac_vlan != NULL || options->require_network ||
	       options->network;
}

void network_settings(const struct options *options, struct supervisor_options *asking)
{
	asking->network = true;
	asking->mac_dhcp = options->mac_dhcp;
	asking->mac_echo = options->mac_echo;
	asking->mac_spare = options->mac_spare;
	asking->mac_vlan = options->mac_vlan;
	for (size_t i = 0; i < options->nics.count; i++)
		asking->nics[i] = options->nics.word[i];
}

/* Somebody reads what is said before frames go out, and can stop it. */
static bool is_interactive(void)
{
	return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

/* Why no frames go out though a person looks on; NULL: they may. */
static const char *why_silent(const struct supervision *found)
{
	struct identification platform;
	const struct fact *container = fact_set_find(found->facts, "container.kind");
	if (geteuid() != 0)
		return "it needs root";
	if (container != NULL && container->status == STATUS_OBSERVED)
		return "a container does not choose the network of its host";
	identify_platform(found->facts, &platform);
	return platform.platform == NULL ? NULL : platform.platform->quiet;
}

/* Leaves the test out, and says why in the fact's own place. */
static int leave_out(struct supervision *found, const char *why, struct error *err)
{
	const struct fact fact = {
		.key = FINDING_NETWORK, .status = STATUS_SKIPPED, .source = "frames", .why = why
	};
	return fact_set_add(found->facts, &fact) == 0
	               ? 0
	               : error_set(err, ERROR_INTERNAL, 0, "out of memory");
}

/* What the second run found takes the place of what the first one left open. */
static int add_findings(struct supervision *found, struct supervision *more, struct error *err)
{
	int failed = 0;
	for (size_t i = 0; i < fact_set_count(more->facts); i++)
		failed |= fact_set_add(found->facts, fact_set_at(more->facts, i));
	for (size_t i = 0; i < more->probe_count; i++)
		for (size_t k = 0; k < found->probe_count; k++)
			if (strcmp(found->probes[k].id, more->probes[i].id) == 0)
				found->probes[k] = more->probes[i];
	if (found->answers != NULL && more->answers != NULL)
		failed |= json_object_update(found->answers, more->answers);
	for (size_t i = 0; i < more->note_count; i++)
		fprintf(stderr, "nestready: %s\n", more->notes[i]);
	return failed == 0 ? 0 : error_set(err, ERROR_INTERNAL, 0, "out of memory");
}

static int run(const struct supervisor_options *asking, struct supervision *found,
               struct error *err)
{
	struct supervision more;
	int failed = supervisor_run(asking, &more, err);
	if (failed == 0)
		failed = add_findings(found, &more, err);
	supervision_clear(&more);
	return failed;
}

void network_show_progress(const char *line)
{
	if (isatty(STDERR_FILENO) != 0)
		fprintf(stderr, "\r\033[K%s ...", line);
}

static void end_progress(void)
{
	if (isatty(STDERR_FILENO) != 0)
		fputs("\r\033[K", stderr);
}

/*
 * Says over what, to whom and how much; on the one line, when all of that was said before.  False
 * when there is nothing to be sent.
 */
static bool announce(const struct supervision *found, bool again)
{
	const struct fact *plan = fact_set_find(found->facts, "net.mac-filter.plan");
	const struct fact *most = fact_set_find(found->facts, "net.mac-filter.most");
	size_t count = plan == NULL ? 0 : json_array_size(plan->value);
	for (size_t i = 0; i < count; i++) {
		cleanup_text struct text line = TEXT_INIT;
		text_printf(&line,
		            "nestready: testing what the network does to MACs of VMs: mostly %d "
		            "frames, at most %d, over %s",
		            FRAMES_USUAL, most == NULL ? 0 : (int)json_integer_value(most->value),
		            json_string_value(json_array_get(plan->value, i)));
		if (again && isatty(STDERR_FILENO) != 0)
			network_show_progress(text_string(&line));
		else
			fprintf(stderr, "%s\n", text_string(&line));
	}
	return count > 0;
}

/* Whether the administrator lets runs that nobody looks at send. */
static bool is_configured(const struct options *options)
{
	const char *path = CONFIG_FILE;
	struct config config;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < options->reports.count; i++)
		if (strncmp(options->reports.word[i], "config:/", 8) == 0)
			path = options->reports.word[i] + 7;
	/* what is wrong with it, the run says that sends the report */
	bool allowed = config_load(path, true, &config, &err) == 0 && config.mac_test;
	config_clear(&config);
	return allowed && geteuid() == 0;
}

/* What was measured before is said behind "no frames were sent", and proves nothing. */
static int add_last(struct supervision *found, struct error *err)
{
	struct error why = ERROR_INIT;
	cleanup_text struct text last = TEXT_INIT;
	cleanup_text struct text says = TEXT_INIT;
	if (mac_last_find(found, &last, &why) != 0)
		fprintf(stderr, "nestready: %s\n", why.message);
	if (last.length == 0)
		return 0;
	text_printf(&says, "no frames were sent; %s", text_string(&last));
	return leave_out(found, text_string(&says), err);
}

int network_test(const struct options *options, bool capture, struct supervision *found,
                 struct error *err)
{
	struct supervisor_options asking = SUPERVISOR_OPTIONS_INIT;
	bool asked = network_is_asked_for(options);
	bool looks_on = is_interactive();
	asking.only = PROBE;
	asking.capture = capture;
	network_settings(options, &asking);
	if (options->passive || (!asked && !looks_on && !is_configured(options)))
		return capture ? 0 : add_last(found, err);
	const char *why = asked ? NULL : why_silent(found);
	if (why != NULL)
		return leave_out(found, why, err);
	if (run(&asking, found, err) != 0)
		return -1;
	if (!announce(found, options->again) && !asked)
		return 0;
	asking.mac_test = true;
	asking.progress = options->network ? network_show_progress : NULL;
	int turn = mac_turn_begin();
	int failed = run(&asking, found, err);
	mac_turn_end(turn);
	if (options->network)
		end_progress();
	if (failed == 0)
		mac_last_keep(found);
	return failed;
}
