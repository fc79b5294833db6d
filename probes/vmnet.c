/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this guest has to connect its own VMs with: bridges, forwarding, subnets of their own. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probes/exists.h"
#include "probes/installed.h"
#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"
#include "probes/subnets.h"

#define DEVICES     "/sys/devices/virtual/net"
#define ROUTES      "/proc/net/route"
#define FORWARDING  "/proc/sys/net/ipv4/ip_forward"
#define FIREWALL    "/proc/sys/net/bridge/bridge-nf-call-iptables"
#define DEFAULT_XML "/etc/libvirt/qemu/networks/default.xml"

#define BRIDGES_MAX 16
#define SUBNETS_MAX 64

static const struct fact_declaration facts[] = {
	{ "vmnet.bridges", "list, bridges but for those of containers" },
	{ "vmnet.uplink", "text, device of the default route" },
	{ "vmnet.bridged", "bool, the default route leaves through such a bridge" },
	{ "vmnet.forwarding", "bool, this guest forwards IPv4; skipped without a bridge" },
	{ "vmnet.bridge-firewall", "bool, frames that a bridge passes go through iptables" },
	{ "vmnet.docker", "bool, Docker's bridge is here: it makes FORWARD drop by default" },
	{ "vmnet.overlap", "bool, a subnet of VMs and one outside it share addresses" },
	{ "vmnet.overlapping", "text, these two; absent: none" },
	{ NULL, NULL },
};

/* Devices that are no bridge for VMs: of VMs themselves, and the bridges of containers. */
static const char *const others[] = {
	"lo",      "veth*",
	"vnet*",   "tap*",
	"fwpr*",   "fwln*",
	"docker*", "br-" /* Docker's own, then twelve hex digits */ "????????????",
	"podman*", "cni*",
	"cbr*",    "flannel*",
	"cali*",   "ifb*",
	"dummy*",
};

struct networks {
	char bridges[BRIDGES_MAX][16];
	size_t bridge_count;
	struct subnet subnets[SUBNETS_MAX];
	size_t subnet_count;
	char uplink[16];
	bool docker; /* dockerd makes this bridge, and sets the policy of FORWARD to DROP */
};

static bool is_other(const char *name)
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (fnmatch(others[i], name, 0) == 0)
			return true;
	return false;
}

/* Open vSwitch has one device of this name, whatever its bridges are called. */
static bool is_bridge(struct machine *machine, const char *name)
{
	char path[80];
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (strcmp(name, "ovs-system") == 0)
		return true;
	snprintf(path, sizeof path, DEVICES "/%s/bridge", name);
	return exists_ask(machine, path, &answer) == STATUS_OBSERVED;
}

static void find_bridges(struct machine *machine, const char *names, struct networks *found)
{
	struct line line;
	while (lines_next(&names, &line) && found->bridge_count < BRIDGES_MAX) {
		char *name = found->bridges[found->bridge_count];
		if (line.length >= sizeof found->bridges[0])
			continue;
		memcpy(name, line.start, line.length);
		name[line.length] = '\0';
		found->docker = found->docker || strcmp(name, "docker0") == 0;
		if (!is_other(name) && is_bridge(machine, name))
			found->bridge_count++;
	}
}

static bool has_bridge(const struct networks *found, const char *name)
{
	for (size_t i = 0; i < found->bridge_count; i++)
		if (strcmp(found->bridges[i], name) == 0)
			return true;
	return false;
}

static void emit_bridges(const struct probe_run *run, const struct networks *found)
{
	json_t *list = json_array();
	for (size_t i = 0; i < found->bridge_count; i++)
		json_array_append_new(
		        list, fact_text_value(found->bridges[i], strlen(found->bridges[i])));
	fact_list(run->facts, "vmnet.bridges", list, DEVICES);
}

static void read_routes(const char *text, struct networks *found)
{
	struct subnet route;
	while (subnets_next_route(&text, &route)) {
		if (route.mask == 0 && found->uplink[0] == '\0')
			memcpy(found->uplink, route.device, sizeof found->uplink);
		if (route.mask != 0 && !route.gateway && found->subnet_count < SUBNETS_MAX)
			found->subnets[found->subnet_count++] = route;
	}
}

static void emit_uplink(const struct probe_run *run, const struct networks *found)
{
	if (found->uplink[0] == '\0') {
		fact_none(run->facts, "vmnet.uplink", STATUS_ABSENT, "no default route", ROUTES);
		fact_bool(run->facts, "vmnet.bridged", false, ROUTES);
		return;
	}
	fact_text(run->facts, "vmnet.uplink", found->uplink, ROUTES);
	fact_bool(run->facts, "vmnet.bridged", has_bridge(found, found->uplink), ROUTES);
}

/* Whether a subnet is of VMs: on a bridge through which this guest does not go out itself. */
static bool is_inner(const struct networks *found, const struct subnet *subnet)
{
	return has_bridge(found, subnet->device) && strcmp(subnet->device, found->uplink) != 0;
}

static bool find_overlap(const struct networks *found, const struct subnet *inner,
                         const struct subnet **outer)
{
	for (size_t i = 0; i < found->subnet_count; i++) {
		*outer = &found->subnets[i];
		if (strcmp(inner->device, (*outer)->device) != 0 && subnets_overlap(inner, *outer))
			return true;
	}
	return false;
}

static void emit_pair(const struct probe_run *run, const struct subnet *inner,
                      const struct subnet *outer, const char *source)
{
	char texts[2][SUBNET_TEXT];
	char pair[2 * SUBNET_TEXT + 8];
	subnet_text(inner, texts[0]);
	subnet_text(outer, texts[1]);
	snprintf(pair, sizeof pair, "%s and %s", texts[0], texts[1]);
	fact_bool(run->facts, "vmnet.overlap", true, source);
	fact_text(run->facts, "vmnet.overlapping", pair, source);
}

static void emit_no_pair(const struct probe_run *run, const char *source)
{
	fact_bool(run->facts, "vmnet.overlap", false, source);
	fact_none(run->facts, "vmnet.overlapping", STATUS_ABSENT, "none", source);
}

/* libvirt refuses to start a network that overlaps, so its file has to be read as well. */
static void emit_libvirt_overlap(const struct probe_run *run, const struct networks *found)
{
	struct subnet inner;
	const struct subnet *outer;
	cleanup_answer struct answer answer = ANSWER_INIT;
	installed_libvirt(run->machine, &answer);
	if (answer.status == STATUS_OBSERVED)
		machine_read_file(run->machine, DEFAULT_XML, &answer);
	if (answer.status == STATUS_ABSENT) {
		emit_no_pair(run, ROUTES);
	} else if (answer.status != STATUS_OBSERVED) {
		relay_none(run->facts, "vmnet.overlap", &answer, DEFAULT_XML);
		relay_none(run->facts, "vmnet.overlapping", &answer, DEFAULT_XML);
	} else if (subnets_libvirt(answer.text, &inner) && find_overlap(found, &inner, &outer)) {
		emit_pair(run, &inner, outer, DEFAULT_XML);
	} else {
		emit_no_pair(run, DEFAULT_XML);
	}
}

static void emit_overlap(const struct probe_run *run, const struct networks *found)
{
	const struct subnet *outer;
	for (size_t i = 0; i < found->subnet_count; i++) {
		const struct subnet *inner = &found->subnets[i];
		if (is_inner(found, inner) && find_overlap(found, inner, &outer)) {
			emit_pair(run, inner, outer, ROUTES);
			return;
		}
	}
	emit_libvirt_overlap(run, found);
}

static void emit_routes(const struct probe_run *run, struct networks *found)
{
	static const char *const keys[] = { "vmnet.uplink", "vmnet.bridged", "vmnet.overlap",
		                            "vmnet.overlapping" };
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, ROUTES, &answer) != STATUS_OBSERVED) {
		for (size_t i = 0; i < 4; i++)
			relay_none(run->facts, keys[i], &answer, ROUTES);
		return;
	}
	read_routes(answer.text, found);
	emit_uplink(run, found);
	emit_overlap(run, found);
}

/* A switch of the kernel; without the file what it switches is not there. */
static void emit_switch(const struct probe_run *run, const char *key, const char *path)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, path, &answer) == STATUS_OBSERVED)
		fact_bool(run->facts, key, answer.text[0] == '1', path);
	else if (answer.status == STATUS_ABSENT)
		fact_bool(run->facts, key, false, path);
	else
		relay_none(run->facts, key, &answer, path);
}

static void skip(const struct probe_run *run, const struct fact_declaration *declared,
                 const char *why)
{
	for (; declared->key != NULL; declared++)
		fact_none(run->facts, declared->key, STATUS_SKIPPED, why, DEVICES);
}

static void run_vmnet(const struct probe_run *run)
{
	struct networks found = { .uplink = "" };
	cleanup_answer struct answer devices = ANSWER_INIT;
	cleanup_answer struct answer libvirt = ANSWER_INIT;
	if (!installed_host_of_vms(run->machine)) {
		skip(run, facts, INSTALLED_NO_HOST);
		return;
	}
	if (machine_list_dir(run->machine, DEVICES, &devices) != STATUS_OBSERVED) {
		for (size_t i = 0; facts[i].key != NULL; i++)
			relay_none(run->facts, facts[i].key, &devices, DEVICES);
		return;
	}
	find_bridges(run->machine, devices.text, &found);
	emit_bridges(run, &found);
	installed_libvirt(run->machine, &libvirt);
	if (found.bridge_count == 0 && libvirt.status != STATUS_OBSERVED) {
		skip(run, &facts[1], "there is no bridge");
		return;
	}
	emit_routes(run, &found);
	if (found.bridge_count == 0) {
		fact_none(run->facts, "vmnet.forwarding", STATUS_SKIPPED, "there is no bridge",
		          FORWARDING);
		fact_none(run->facts, "vmnet.bridge-firewall", STATUS_SKIPPED, "there is no bridge",
		          FIREWALL);
		fact_none(run->facts, "vmnet.docker", STATUS_SKIPPED, "there is no bridge",
		          DEVICES);
		return;
	}
	emit_switch(run, "vmnet.forwarding", FORWARDING);
	emit_switch(run, "vmnet.bridge-firewall", FIREWALL);
	fact_bool(run->facts, "vmnet.docker", found.docker, DEVICES);
}

const struct probe probe_vmnet = {
	.id = "vmnet",
	.title = "networks of this guest for VMs of its own",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_vmnet,
};
