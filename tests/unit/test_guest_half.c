/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this guest has for VMs of its own: networks, services, who calls, tuning. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "tests/lib/fake_machine.h"

extern const struct probe probe_vmnet, probe_services, probe_caller, probe_tuning;

#define NET "/sys/devices/virtual/net"
#define ROW "%s\t%s\t%s\t%s\t0\t0\t0\t%s\t0\t0\t0\n"

static void absent(struct fake_machine *fake, const char *key)
{
	fake_status(fake, key, STATUS_ABSENT, ENOENT);
}

/* A thing that is there and no link. */
static void there(struct fake_machine *fake, const char *key)
{
	fake_status(fake, key, STATUS_FAILED, EINVAL);
}

/* /dev/kvm is there; nothing is installed; one adapter. */
static struct fake_machine *plain(void)
{
	static const char *const nothing[] = { "link /usr/bin/pveversion",
		                               "link /usr/sbin/libvirtd",
		                               "link /usr/sbin/virtqemud",
		                               "file /proc/xen/capabilities" };
	struct fake_machine *fake = fake_machine_new();
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		absent(fake, nothing[i]);
	fake_numbers(fake, "kvm", 1, UINT64_C(12));
	fake_dir(fake, NET, "lo\nveth1234567\n");
	return fake;
}

static struct fact_set *facts_of(const struct probe *probe, struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(probe, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(guest_half, nothing_is_asked_where_no_vm_has_any_business)
{
	const struct probe *const probes[] = { &probe_vmnet, &probe_caller, &probe_tuning };
	static const char *const keys[] = { "vmnet.bridges", "caller.kvm", "clock.source" };
	for (size_t i = 0; i < 3; i++) {
		struct fake_machine *fake = plain();
		absent(fake, "kvm");
		struct fact_set *facts = facts_of(probes[i], fake);
		expect_status(facts, keys[i], STATUS_SKIPPED);
		expect_why(facts, keys[i], "no software for VMs");
		fact_set_free(facts);
	}
}

Test(guest_half, without_a_bridge_no_route_is_read)
{
	struct fact_set *facts = facts_of(&probe_vmnet, plain());
	expect_value(facts, "vmnet.bridges", "[]");
	expect_status(facts, "vmnet.overlap", STATUS_SKIPPED);
	expect_status(facts, "vmnet.forwarding", STATUS_SKIPPED);
	fact_set_free(facts);
}

/* virbr0 with its NAT beside eth0; 10.0.2.0/24 is outside. */
static void add_nat(struct fake_machine *fake, const char *subnet)
{
	char routes[512];
	snprintf(routes, sizeof routes, "Iface\tDestination\n" ROW ROW ROW, "eth0", "00000000",
	         "0202000A", "0003", "00000000", "eth0", "0002000A", "00000000", "0001", "00FFFFFF",
	         "virbr0", subnet, "00000000", "0001", "00FFFFFF");
	fake_dir(fake, NET, "br-0123456789ab\ndocker0\nlo\nvirbr0\n");
	there(fake, "link " NET "/virbr0/bridge");
	fake_file(fake, "/proc/net/route", routes);
	fake_file(fake, "/proc/sys/net/ipv4/ip_forward", "1\n");
	absent(fake, "file /proc/sys/net/bridge/bridge-nf-call-iptables");
}

Test(guest_half, bridge_with_nat)
{
	struct fake_machine *fake = plain();
	add_nat(fake, "007AA8C0");
	struct fact_set *facts = facts_of(&probe_vmnet, fake);
	expect_value(facts, "vmnet.bridges", "['virbr0']");
	expect_text(facts, "vmnet.uplink", "eth0");
	expect_bool(facts, "vmnet.bridged", false);
	expect_bool(facts, "vmnet.overlap", false);
	expect_bool(facts, "vmnet.forwarding", true);
	expect_bool(facts, "vmnet.bridge-firewall", false);
	expect_bool(facts, "vmnet.docker", true);
	fact_set_free(facts);
}

Test(guest_half, subnets_that_overlap)
{
	struct fake_machine *fake = plain();
	add_nat(fake, "0002000A");
	struct fact_set *facts = facts_of(&probe_vmnet, fake);
	expect_bool(facts, "vmnet.overlap", true);
	expect_text(facts, "vmnet.overlapping", "virbr0 10.0.2.0/24 and eth0 10.0.2.0/24");
	fact_set_free(facts);
}

/* libvirt refuses to start such a network, so there is no route to see it by. */
Test(guest_half, a_network_of_libvirt_that_cannot_start)
{
	struct fake_machine *fake = plain();
	there(fake, "link /usr/sbin/libvirtd");
	fake_file(fake, "/proc/net/route",
	          "eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	          "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	fake_file(fake, "/etc/libvirt/qemu/networks/default.xml",
	          "<network><bridge name='virbr0' stp='on'/>\n<ip family='ipv6' address='fd00::1' "
	          "prefix='64'/>\n<ip address=\"10.0.2.1\" prefix=\"25\"></ip></network>\n");
	struct fact_set *facts = facts_of(&probe_vmnet, fake);
	expect_bool(facts, "vmnet.overlap", true);
	expect_text(facts, "vmnet.overlapping", "virbr0 10.0.2.0/25 and eth0 10.0.2.0/24");
	expect_status(facts, "vmnet.forwarding", STATUS_SKIPPED);
	fact_set_free(facts);

	fake = plain();
	there(fake, "link /usr/sbin/libvirtd");
	fake_file(fake, "/proc/net/route", "");
	fake_status(fake, "file /etc/libvirt/qemu/networks/default.xml", STATUS_DENIED, EACCES);
	facts = facts_of(&probe_vmnet, fake);
	expect_status(facts, "vmnet.overlap", STATUS_DENIED);
	expect_status(facts, "vmnet.uplink", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(guest_half, the_uplink_is_a_bridge)
{
	struct fake_machine *fake = plain();
	fake_dir(fake, NET, "lo\novs-system\nvmbr0\n");
	there(fake, "link " NET "/vmbr0/bridge");
	fake_file(fake, "/proc/net/route",
	          "vmbr0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	          "vmbr0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	fake_status(fake, "file /proc/sys/net/ipv4/ip_forward", STATUS_DENIED, EACCES);
	fake_file(fake, "/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
	struct fact_set *facts = facts_of(&probe_vmnet, fake);
	expect_value(facts, "vmnet.bridges", "['ovs-system', 'vmbr0']");
	expect_bool(facts, "vmnet.bridged", true);
	expect_bool(facts, "vmnet.overlap", false);
	expect_status(facts, "vmnet.forwarding", STATUS_DENIED);
	expect_bool(facts, "vmnet.bridge-firewall", true);
	expect_bool(facts, "vmnet.docker", false);
	fact_set_free(facts);
}

Test(guest_half, services_only_of_what_is_installed)
{
	struct fact_set *facts = facts_of(&probe_services, plain());
	expect_status(facts, "services.libvirt", STATUS_ABSENT);
	expect_status(facts, "services.proxmox", STATUS_ABSENT);
	expect_status(facts, "services.vm-shutdown", STATUS_ABSENT);
	fact_set_free(facts);

	struct fake_machine *fake = plain();
	there(fake, "link /usr/sbin/virtqemud");
	absent(fake, "link /run/libvirt/libvirt-sock");
	there(fake, "link /run/libvirt/virtqemud-sock");
	absent(fake, "link /etc/systemd/system/multi-user.target.wants/libvirt-guests.service");
	facts = facts_of(&probe_services, fake);
	expect_bool(facts, "services.libvirt", true);
	expect_bool(facts, "services.vm-shutdown", false);
	fact_set_free(facts);
}

Test(guest_half, proxmox_needs_both_daemons)
{
	struct fake_machine *fake = plain();
	there(fake, "link /usr/bin/pveversion");
	there(fake, "link /run/pve-cluster.pid");
	absent(fake, "link /run/pvedaemon.pid");
	fake_link(fake, "/etc/systemd/system/multi-user.target.wants/pve-guests.service",
	          "/lib/systemd/system/pve-guests.service");
	struct fact_set *facts = facts_of(&probe_services, fake);
	expect_bool(facts, "services.proxmox", false);
	expect_source(facts, "services.proxmox", "/run/pvedaemon.pid");
	expect_bool(facts, "services.vm-shutdown", true);
	fact_set_free(facts);
}

Test(guest_half, who_asks_for_themselves_has_tried)
{
	struct fake_machine *fake = plain();
	fake_json(fake, "caller", "{'text': 'uid 1000\\ngids 1000\\n'}");
	fake_status(fake, "kvm", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(&probe_caller, fake);
	expect_int(facts, "caller.uid", 1000);
	expect_status(facts, "caller.name", STATUS_ABSENT);
	expect_status(facts, "caller.kvm", STATUS_DENIED);
	expect_status(facts, "caller.libvirt", STATUS_ABSENT);
	fact_set_free(facts);
}

static const struct {
	const char *gids;
	uint64_t mode, owner, group, acl;
	enum status status;
	bool may;
} modes[] = {
	{ "1000 105", 020660, 0, 105, 0, STATUS_OBSERVED, true },
	{ "1000 1050 10", 020660, 0, 105, 0, STATUS_OBSERVED, false },
	{ "1000", 020666, 0, 105, 0, STATUS_OBSERVED, true },
	{ "1000", 020600, 1000, 105, 0, STATUS_OBSERVED, true },
	{ "1000 105", 020606, 0, 105, 0, STATUS_OBSERVED, false }, /* the group's bits decide */
	{ "1000", 020660, 0, 105, 1, STATUS_SKIPPED, false },
};

Test(guest_half, under_sudo_the_mode_decides)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		char caller[128];
		struct fake_machine *fake = plain();
		snprintf(caller, sizeof caller,
		         "{'text': 'uid 1000\\nname alice\\nthrough sudo\\ngids %s\\n'}",
		         modes[i].gids);
		fake_json(fake, "caller", caller);
		fake_numbers(fake, "stat /dev/kvm", 4, modes[i].mode, modes[i].owner,
		             modes[i].group, modes[i].acl);
		struct fact_set *facts = facts_of(&probe_caller, fake);
		expect_text(facts, "caller.name", "alice");
		expect_status(facts, "caller.kvm", modes[i].status);
		if (modes[i].status == STATUS_OBSERVED)
			expect_bool(facts, "caller.kvm", modes[i].may);
		expect_source(facts, "caller.kvm", "/dev/kvm for alice");
		fact_set_free(facts);
	}
}

Test(guest_half, a_socket_that_is_open_to_all_asks_polkit)
{
	struct fake_machine *fake = plain();
	there(fake, "link /usr/sbin/libvirtd");
	fake_json(fake, "caller", "{'text': 'uid 1000\\ngids 1000\\n'}");
	fake_numbers(fake, "stat /run/libvirt/libvirt-sock", 4, UINT64_C(0140666), UINT64_C(0),
	             UINT64_C(0), UINT64_C(0));
	struct fact_set *facts = facts_of(&probe_caller, fake);
	expect_bool(facts, "caller.kvm", true);
	expect_status(facts, "caller.libvirt", STATUS_SKIPPED);
	expect_why(facts, "caller.libvirt", "polkit");
	fact_set_free(facts);
}

static struct fake_machine *fake_tuned(const char *pages)
{
	static const char *const tables[] = { "DMAR", "IVRS", "VIOT" };
	struct fake_machine *fake = plain();
	for (size_t i = 0; i < 3; i++) {
		char key[64];
		snprintf(key, sizeof key, "link /sys/firmware/acpi/tables/%s", tables[i]);
		absent(fake, key);
	}
	fake_file(fake, "/sys/kernel/mm/transparent_hugepage/enabled", pages);
	fake_file(fake, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	          "kvm-clock\n");
	return fake;
}

Test(guest_half, tuning)
{
	struct fact_set *facts = facts_of(&probe_tuning, fake_tuned("always [madvise] never\n"));
	expect_status(facts, "iommu.table", STATUS_ABSENT);
	expect_status(facts, "iommu.active", STATUS_ABSENT);
	expect_text(facts, "memory.huge-pages", "madvise");
	expect_text(facts, "clock.source", "kvm-clock");
	fact_set_free(facts);
	facts = facts_of(&probe_tuning, fake_tuned("always madvise never\n"));
	expect_status(facts, "memory.huge-pages", STATUS_FAILED);
	fact_set_free(facts);
}

Test(guest_half, an_iommu_that_is_not_used)
{
	static const char *const names[] = { "", "dmar0\n" };
	for (int used = 0; used < 2; used++) {
		struct fake_machine *fake = fake_tuned("[always] madvise never\n");
		there(fake, "link /sys/firmware/acpi/tables/DMAR");
		fake_dir(fake, "/sys/class/iommu", names[used]);
		struct fact_set *facts = facts_of(&probe_tuning, fake);
		expect_text(facts, "iommu.table", "DMAR");
		expect_bool(facts, "iommu.active", used != 0);
		fact_set_free(facts);
	}
}
