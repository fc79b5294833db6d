/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See options.h. */
#include "worker/options.h"

#include <getopt.h>
#include <stddef.h>

#include "base/transform.h"

/* Every option, with the member of struct worker_options that it sets. */
static const struct {
	const char *name;
	bool takes_text;
	size_t offset;
} table[] = {
	{ "only", true, offsetof(struct worker_options, only) },
	{ "skip", true, offsetof(struct worker_options, skip) },
	{ "snapshot", true, offsetof(struct worker_options, snapshot) },
	{ "obituary", true, offsetof(struct worker_options, obituary) },
	{ "reason", true, offsetof(struct worker_options, reason) },
	{ "passive", false, offsetof(struct worker_options, settings.passive) },
	{ "every-cpu", false, offsetof(struct worker_options, settings.every_cpu) },
	{ "network", false, offsetof(struct worker_options, settings.network) },
	{ "mac-test", false, offsetof(struct worker_options, settings.mac_test) },
	{ "mac-dhcp", false, offsetof(struct worker_options, settings.mac_dhcp) },
	{ "mac-echo", true, offsetof(struct worker_options, mac_echo) },
	{ "mac-vlan", true, offsetof(struct worker_options, settings.vlan) },
	{ "mac-spare-ip", true, offsetof(struct worker_options, mac_spare) },
	{ "challenge", true, offsetof(struct worker_options, settings.challenge) },
	{ "nics", true, offsetof(struct worker_options, settings.nics) },
	{ "progress", false, offsetof(struct worker_options, progress) },
	{ "retry-risky", false, offsetof(struct worker_options, settings.retry_risky) },
	{ "risky-l2", false, offsetof(struct worker_options, settings.risky_l2) },
	{ "capture", false, offsetof(struct worker_options, capture) },
	{ "careful", false, offsetof(struct worker_options, careful) },
	{ "list", false, offsetof(struct worker_options, list) },
};

#define OPTIONS (sizeof table / sizeof table[0])

int worker_options_parse(struct worker_options *options, int argc, char **argv, struct error *err)
{
	struct option long_options[OPTIONS + 1] = { { 0 } };
	for (size_t i = 0; i < OPTIONS; i++)
		long_options[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].takes_text ? required_argument : no_argument,
		};
	*options = (struct worker_options){ 0 };
	int index = 0;
	int found;
	optind = 0; /* GNU: begin anew */
	opterr = 0;
	while ((found = getopt_long(argc, argv, "", long_options, &index)) == 0) {
		void *member = (char *)options + table[index].offset;
		if (table[index].takes_text)
			*(const char **)member = optarg;
		else
			*(bool *)member = true;
	}
	if (found != -1)
		return error_set(err, ERROR_USAGE, 0, "bad option \"%s\"", argv[optind - 1]);
	if (optind < argc)
		return error_set(err, ERROR_USAGE, 0, "unexpected \"%s\"", argv[optind]);
	if ((options->obituary == NULL) != (options->reason == NULL))
		return error_set(err, ERROR_USAGE, 0, "--obituary and --reason go together");
	if (options->settings.challenge != NULL && !challenge_is_one(options->settings.challenge))
		return error_set(err, ERROR_USAGE, 0, "--challenge: expected %d digits of 0-9, a-f",
		                 CHALLENGE_DIGITS);
	return 0;
}
