/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be reset before this guest is cloned: the probe, and what people are told of it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "probes/mac_text.h"
#include "report/resets.h"
#include "tests/lib/fake_machine.h"
#include "tests/lib/made_facts.h"

extern const struct probe probe_clone;

static const char *const questions[] = {
	"file /etc/machine-id",
	"link /var/lib/dbus/machine-id",
	"dir /etc/ssh",
	"file /sys/class/dmi/id/product_uuid",
	"dir /etc/udev/rules.d",
	"dir /etc/netplan",
	"dir /etc/network",
	"dir /etc/network/interfaces.d",
	"dir /etc/systemd/network",
	"dir /etc/NetworkManager/system-connections",
	"dir /etc/sysconfig/network-scripts",
	"dir /etc/sysconfig/network",
	"dir /var/lib/dhcp",
	"dir /var/lib/dhclient",
	"dir /var/lib/NetworkManager",
	"dir /var/lib/dhcpcd",
	"dir /etc",
	"link /var/lib/systemd/random-seed",
	"link /var/lib/cloud/instance",
	"dir " STATEDIR,
};

/* A guest that was cleaned. */
static struct fake_machine *fake_clean(void)
{
	struct fake_machine *fake = fake_machine_new();
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		fake_status(fake, questions[i], STATUS_ABSENT, ENOENT);
	fake_file(fake, "/etc/machine-id", "");
	fake_link(fake, "/var/lib/dbus/machine-id", "/etc/machine-id");
	return fake;
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_clone, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

static void expect_count(const struct fact_set *facts, size_t needed, size_t unknown)
{
	struct resets_count count;
	resets_count(facts, &count);
	cr_expect_eq(count.needed, needed, "%zu to reset, not %zu", count.needed, needed);
	cr_expect_eq(count.unknown, unknown, "%zu unknown, not %zu", count.unknown, unknown);
}

static void expect_own_state(struct fake_machine *fake, const char *files)
{
	struct fact_set *facts = facts_of(fake);
	expect_value(facts, "clone.own-state", files);
	fact_set_free(facts);
}

Test(clone, a_guest_that_was_cleaned)
{
	struct fact_set *facts = facts_of(fake_clean());
	expect_bool(facts, "clone.machine-id", false);
	expect_bool(facts, "clone.dbus-id", false);
	expect_value(facts, "clone.mac-files", "[]");
	expect_status(facts, "clone.system-uuid", STATUS_ABSENT);
	expect_count(facts, 0, 0);
	fact_set_free(facts);
}

Test(clone, a_guest_as_it_was_installed)
{
	struct fake_machine *fake = fake_clean();
	fake_file(fake, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	fake_status(fake, "link /var/lib/dbus/machine-id", STATUS_FAILED, EINVAL);
	fake_dir(fake, "/etc/ssh", "moduli\nssh_host_ed25519_key\nssh_host_ed25519_key.pub\n");
	fake_dir(fake, "/etc/netplan", "00-notes.txt\n50-cloud-init.yaml\n60-plain.yaml\n");
	fake_file(fake, "/etc/netplan/50-cloud-init.yaml",
	          "network:\n  match:\n    macaddress: '52:54:00:12:34:56'\n");
	fake_file(fake, "/etc/netplan/60-plain.yaml", "# 52:54:00:12:34:56\ndhcp4: true\n");
	fake_dir(fake, "/var/lib/NetworkManager", "a.lease\nsecret_key\nNetworkManager.state\n");
	fake_status(fake, "link /var/lib/systemd/random-seed", STATUS_FAILED, EINVAL);
	fake_link(fake, "/var/lib/cloud/instance", "/var/lib/cloud/instances/i-0");
	fake_dir(fake, STATEDIR, "last.json\n");
	fake_file(fake, "/sys/class/dmi/id/product_uuid", "00000000-0000-4000-8000-000000000001\n");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "clone.machine-id", true);
	expect_bool(facts, "clone.dbus-id", true);
	expect_value(facts, "clone.ssh-host-keys", "['/etc/ssh/ssh_host_ed25519_key']");
	expect_value(facts, "clone.mac-files", "['/etc/netplan/50-cloud-init.yaml']");
	expect_value(facts, "clone.dhcp-files",
	             "['/var/lib/NetworkManager/a.lease','/var/lib/NetworkManager/secret_key']");
	expect_value(facts, "clone.own-state", "['" STATEDIR "/last.json']");
	expect_count(facts, 8, 0);
	fact_set_free(facts);
}

/* A collector on this guest keeps many guests' reports in the same directory. */
Test(clone, what_is_a_collectors_is_left_to_it)
{
	struct fake_machine *fake = fake_clean();
	fake_dir(fake, STATEDIR, "collector\ncollector.db\ncollector.db-wal\n");
	expect_own_state(fake, "[]");
	fake = fake_clean();
	fake_dir(fake, STATEDIR, "collector.db\nlast.json\nmac-test\nrisk-l2-0a\nspool\n");
	expect_own_state(fake, "['" STATEDIR "/last.json','" STATEDIR "/mac-test','" STATEDIR
	                       "/risk-l2-0a','" STATEDIR "/spool']");
}

/* Nothing found counts only where everything could be looked at. */
Test(clone, what_may_not_be_read_is_not_clean)
{
	struct fake_machine *fake = fake_clean();
	fake_dir(fake, "/etc/NetworkManager/system-connections", "wired.nmconnection\n");
	fake_status(fake, "file /etc/NetworkManager/system-connections/wired.nmconnection",
	            STATUS_DENIED, EACCES);
	fake_status(fake, "dir /var/lib/dhcp", STATUS_DENIED, EACCES);
	fake_dir(fake, "/var/lib/dhclient", "dhclient.leases\n");
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "clone.mac-files", STATUS_DENIED);
	expect_value(facts, "clone.dhcp-files", "['/var/lib/dhclient/dhclient.leases']");
	expect_count(facts, 1, 1);
	fact_set_free(facts);
}

static const struct {
	const char *text;
	bool has;
} macs[] = {
	{ "HWADDR=52:54:00:AB:cd:ef\n", true },
	{ "a=1\n  mac-address=00-15-5D-00-00-01", true },
	{ "KERNEL==\"eth*\", ATTR{address}==\"52:54:00:12:34:56\", NAME=\"eth0\"\n", true },
	{ "# 52:54:00:12:34:56\n;HWADDR=52:54:00:12:34:56\n", false },
	{ "address 2001:db8:00:12:34:56:78:9a/64\nuuid=00000000-0000-4000-8000-000000000001",
	  false },
	{ "52:54:00:12:34", false },
	{ "52:54:00:12-34:56", false },
	{ "52:54:00:12:34:56:78", false },
	{ "", false },
};

Test(clone, mac_addresses_in_settings)
{
	for (size_t i = 0; i < sizeof macs / sizeof *macs; i++)
		cr_expect_eq(mac_text_names_one(macs[i].text), macs[i].has, "%s", macs[i].text);
}

static char told[8192];

static const char *tell(const char *json, bool root)
{
	cleanup_text struct text out = TEXT_INIT;
	struct fact_set *facts = made_facts(json);
	const struct format_options options = { .root = root, .program = "./nestready" };
	resets_text(facts, &options, &out);
	cr_assert(!out.failed);
	strncat(strcpy(told, ""), text_string(&out), sizeof told - 1);
	fact_set_free(facts);
	return told;
}

static void expect_told(const char *words)
{
	cr_expect_not_null(strstr(told, words), "\"%s\" is not in:\n%s", words, told);
}

Test(clone, people_are_told_what_to_type_in_order)
{
	tell("{\"clone.machine-id\":true,\"clone.cloud-init\":true,\"clone.dbus-id\":false}",
	     false);
	expect_told("2 to reset before this guest is cloned, 5 not known\n 1 x cloud-init");
	expect_told("       sudo truncate -s 0 /etc/machine-id\n");
	expect_told("seen: clone.machine-id yes");
	expect_told("\n   sudo ./nestready preclone\n");
	expect_told("+ nothing to reset: dbus-id\n");
	expect_told("esxcli system settings advanced set -o /Net/FollowHardwareMac -i 1");
	tell("{\"clone.machine-id\":true}", true);
	expect_told("       truncate -s 0 /etc/machine-id\n");
}
