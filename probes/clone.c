/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this guest has that no copy of it may have: asked only by name, for
 * `nestready preclone`, since it reads a few dozen files.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "probes/exists.h"
#include "probes/lines.h"
#include "probes/mac_text.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define MACHINE_ID "/etc/machine-id"
#define DBUS_ID    "/var/lib/dbus/machine-id"
#define UUID       "/sys/class/dmi/id/product_uuid"
#define SEED       "/var/lib/systemd/random-seed"
#define CLOUD_INIT "/var/lib/cloud/instance"

#define FILES_MAX 64 /* of one fact: a list for people */

static const struct fact_declaration facts[] = {
	{ "clone.machine-id", "bool, /etc/machine-id holds an id" },
	{ "clone.dbus-id", "bool, D-Bus has a file of its own with an id" },
	{ "clone.ssh-host-keys", "list, private keys of this host" },
	{ "clone.system-uuid", "text, UUID that the platform gave this VM" },
	{ "clone.mac-files", "list, settings of the network that name a MAC address" },
	{ "clone.dhcp-files", "list, leases of DHCP, and what its client is known by" },
	{ "clone.random-seed", "bool, a seed is kept for the next start" },
	{ "clone.cloud-init", "bool, cloud-init has been through with this instance" },
	{ "clone.own-state", "list, what nestready keeps of this machine" },
	{ NULL, NULL },
};

/* Files of a directory by name. */
struct place {
	const char *directory;
	const char *pattern; /* fnmatch */
};

static const struct place ssh_places[] = { { "/etc/ssh", "ssh_host_*_key" } };

static const struct place mac_places[] = {
	{ "/etc/udev/rules.d", "*net*.rules" },
	{ "/etc/netplan", "*.yaml" },
	{ "/etc/network", "interfaces" },
	{ "/etc/network/interfaces.d", "*" },
	{ "/etc/systemd/network", "*" },
	{ "/etc/NetworkManager/system-connections", "*" },
	{ "/etc/sysconfig/network-scripts", "ifcfg-*" }, /* RHEL */
	{ "/etc/sysconfig/network", "ifcfg-*" },         /* SUSE */
};

static const struct place dhcp_places[] = {
	{ "/var/lib/dhcp", "*.lease*" },
	{ "/var/lib/dhclient", "*.lease*" },
	{ "/var/lib/NetworkManager", "*.lease" },
	{ "/var/lib/NetworkManager", "secret_key" },
	{ "/var/lib/dhcpcd", "*" },
	{ "/etc", "dhcpcd.duid" },
};

/* By name: a collector on this guest may keep its reports in the same directory. */
static const struct place own_places[] = {
	{ STATEDIR, "last.json" },
	{ STATEDIR, "mac-test" },
	{ STATEDIR, "risk-*" },
	{ STATEDIR, "spool" },
};

/* Of one fact: what was found, and the first question that was not answered. */
struct search {
	const struct probe_run *run;
	json_t *found;
	struct answer problem; /* skipped: none yet, for it is passed on only with `troubled` */
	bool troubled;
};

static void trouble(struct search *search, const struct answer *answer)
{
	if (!search->troubled)
		answer_copy(&search->problem, answer);
	search->troubled = true;
}

static bool names_mac(struct search *search, const char *path)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	enum status status = machine_read_file(search->run->machine, path, &answer);
	if (status != STATUS_OBSERVED && status != STATUS_ABSENT)
		trouble(search, &answer);
	return status == STATUS_OBSERVED && mac_text_names_one(answer.text);
}

static void look_into(struct search *search, const struct place *place, bool for_mac)
{
	struct line line;
	cleanup_answer struct answer names = ANSWER_INIT;
	enum status status = machine_list_dir(search->run->machine, place->directory, &names);
	if (status != STATUS_OBSERVED && status != STATUS_ABSENT)
		trouble(search, &names);
	if (status != STATUS_OBSERVED)
		return;
	for (const char *rest = names.text; lines_next(&rest, &line);) {
		char path[512];
		int length = snprintf(path, sizeof path, "%s/%.*s", place->directory,
		                      (int)line.length, line.start);
		if (length >= (int)sizeof path || json_array_size(search->found) >= FILES_MAX ||
		    fnmatch(place->pattern, path + strlen(place->directory) + 1, 0) != 0)
			continue;
		if (!for_mac || names_mac(search, path))
			json_array_append_new(search->found, fact_text_value(path, strlen(path)));
	}
}

/* What was found counts, whatever else could not be looked at; nothing found does only if all was.
 */
static void emit_files(const struct probe_run *run, const char *key, const struct place *places,
                       size_t count, bool for_mac)
{
	struct search search = { run, json_array(), ANSWER_INIT, false };
	for (size_t i = 0; i < count; i++)
		look_into(&search, &places[i], for_mac);
	if (search.troubled && json_array_size(search.found) == 0) {
		relay_none(run->facts, key, &search.problem, places[0].directory);
		json_decref(search.found);
	} else {
		fact_list(run->facts, key, search.found, places[0].directory);
	}
	answer_clear(&search.problem);
}

/* An empty file, or the word, asks for a new id at the next start (machine-id(5)). */
static void emit_machine_id(const struct probe_run *run)
{
	static const char key[] = "clone.machine-id";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, MACHINE_ID, &answer) == STATUS_OBSERVED)
		fact_bool(run->facts, key, isxdigit((unsigned char)answer.text[0]) != 0,
		          MACHINE_ID);
	else
		relay_presence(run->facts, key, &answer, MACHINE_ID);
}

/* A link follows /etc/machine-id. */
static void emit_dbus_id(const struct probe_run *run)
{
	static const char key[] = "clone.dbus-id";
	cleanup_answer struct answer link = ANSWER_INIT;
	exists_ask(run->machine, DBUS_ID, &link);
	if (link.status == STATUS_OBSERVED)
		fact_bool(run->facts, key, link.length == 0, DBUS_ID);
	else
		relay_presence(run->facts, key, &link, DBUS_ID);
}

static void emit_existence(const struct probe_run *run, const char *key, const char *path)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	exists_ask(run->machine, path, &answer);
	relay_presence(run->facts, key, &answer, path);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void run_clone(const struct probe_run *run)
{
	cleanup_answer struct answer uuid = ANSWER_INIT;
	emit_machine_id(run);
	emit_dbus_id(run);
	emit_files(run, "clone.ssh-host-keys", ssh_places, COUNT(ssh_places), false);
	machine_read_file(run->machine, UUID, &uuid);
	relay_line(run->facts, "clone.system-uuid", &uuid, UUID);
	emit_files(run, "clone.mac-files", mac_places, COUNT(mac_places), true);
	emit_files(run, "clone.dhcp-files", dhcp_places, COUNT(dhcp_places), false);
	emit_existence(run, "clone.random-seed", SEED);
	emit_existence(run, "clone.cloud-init", CLOUD_INIT);
	emit_files(run, "clone.own-state", own_places, COUNT(own_places), false);
}

const struct probe probe_clone = {
	.id = "clone",
	.title = "what has to be reset before this guest is cloned",
	.flags = PROBE_BY_NAME,
	.deadline_ms = 5000,
	.facts = facts,
	.run = run_clone,
};
