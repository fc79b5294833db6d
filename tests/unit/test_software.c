/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is installed, for one question each and without reading a program. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/fake_machine.h"

extern const struct probe probe_software;

static struct fake_machine *fake_plain(void)
{
	static const char *const nowhere[] = { "link /usr/bin/pveversion",
		                               "file /proc/xen/capabilities",
		                               "link /usr/sbin/libvirtd",
		                               "link /usr/sbin/virtqemud", "kvm" };
	struct fake_machine *fake = fake_machine_new();
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		fake_status(fake, nowhere[i], STATUS_ABSENT, ENOENT);
	fake_uname(fake, "6.1.0-37-amd64");
	fake_file(fake, "/etc/os-release", "ID=alpine\n");
	return fake;
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_software, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(software, nothing)
{
	struct fact_set *facts = facts_of(fake_plain());
	expect_bool(facts, "software.proxmox", false);
	expect_bool(facts, "software.proxmox-kernel", false);
	expect_bool(facts, "software.xen-dom0", false);
	expect_bool(facts, "software.libvirt", false);
	fact_set_free(facts);
}

/* A file that is there and no link: readlink says EINVAL. */
Test(software, proxmox)
{
	struct fake_machine *fake = fake_plain();
	fake_status(fake, "link /usr/bin/pveversion", STATUS_FAILED, EINVAL);
	fake_uname(fake, "6.8.12-9-pve");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "software.proxmox", true);
	expect_bool(facts, "software.proxmox-kernel", true);
	fact_set_free(facts);
}

Test(software, proxmox_kernel_by_its_end_only)
{
	struct fake_machine *fake = fake_plain();
	fake_uname(fake, "6.8.12-pve-custom");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "software.proxmox-kernel", false);
	fact_set_free(facts);
}

Test(software, libvirt_of_old_and_in_parts)
{
	struct fake_machine *fake = fake_plain();
	fake_status(fake, "link /usr/sbin/libvirtd", STATUS_FAILED, EINVAL);
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "software.libvirt", true);
	expect_source(facts, "software.libvirt", "/usr/sbin/libvirtd");
	fact_set_free(facts);

	fake = fake_plain();
	fake_link(fake, "/usr/sbin/virtqemud", "/opt/libvirt/virtqemud");
	facts = facts_of(fake);
	expect_bool(facts, "software.libvirt", true);
	expect_source(facts, "software.libvirt", "/usr/sbin/virtqemud");
	fact_set_free(facts);
}

Test(software, xen_control_domain)
{
	struct fake_machine *fake = fake_plain();
	fake_file(fake, "/proc/xen/capabilities", "control_d\n");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "software.xen-dom0", true);
	fact_set_free(facts);

	fake = fake_plain();
	fake_file(fake, "/proc/xen/capabilities", "");
	facts = facts_of(fake);
	expect_bool(facts, "software.xen-dom0", false);
	fact_set_free(facts);
}

Test(software, what_was_refused_is_not_no)
{
	struct fake_machine *fake = fake_plain();
	fake_status(fake, "link /usr/bin/pveversion", STATUS_DENIED, EACCES);
	fake_status(fake, "link /usr/sbin/virtqemud", STATUS_FAILED, EIO);
	fake_status(fake, "uname", STATUS_SKIPPED, 0);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "software.proxmox", STATUS_DENIED);
	expect_status(facts, "software.libvirt", STATUS_FAILED);
	expect_status(facts, "software.proxmox-kernel", STATUS_SKIPPED);
	fact_set_free(facts);
}

/* Only advice needs it: to install something, or of what is installed. */
Test(software, distributions_where_something_may_have_to_be_done)
{
	struct fact_set *facts = facts_of(fake_plain());
	expect_value(facts, "os.distributions", "['alpine']");
	fact_set_free(facts);

	struct fake_machine *fake = fake_plain();
	fake_status(fake, "kvm", STATUS_DENIED, EACCES);
	facts = facts_of(fake);
	expect_status(facts, "os.distributions", STATUS_SKIPPED);
	fact_set_free(facts);

	fake = fake_plain();
	fake_status(fake, "kvm", STATUS_DENIED, EACCES);
	fake_status(fake, "link /usr/sbin/libvirtd", STATUS_FAILED, EINVAL);
	facts = facts_of(fake);
	expect_value(facts, "os.distributions", "['alpine']");
	fact_set_free(facts);
}
