/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs, memory and disks, with what the kernel's tables look like when they are not what they
 * should be. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "probes/sizes.h"
#include "tests/lib/cpus.h"
#include "tests/lib/fake_platform.h"

extern const struct probe probe_resources;

#define VIRTIO "/sys/bus/virtio/drivers/virtio_balloon"
#define HYPERV "/sys/bus/vmbus/drivers/hv_balloon"

static const char meminfo[] = "MemTotal:        8123456 kB\nMemFree:         1000 kB\n"
                              "Balloon:               0 kB\n";
static const char partitions[] = "major minor  #blocks  name\n\n"
                                 "   7        0  999999999 loop0\n"
                                 " 252        0  888888888 zram0\n"
                                 "   8        0   33554432 sda\n   8        1   33553408 sda1\n"
                                 " 259        0   67108864 nvme0n1\n"
                                 " 253        0  777777777 dm-0\n  11        0    1048575 sr0\n";

/* Eight CPUs under KVM, two packages, a balloon that is not bound. */
static struct fake_machine *machine(void)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_online(fake, 8);
	fake_cpuinfo(fake, 8, "fpu", NULL);
	fake_file(fake, "/proc/meminfo", meminfo);
	fake_file(fake, "/proc/partitions", partitions);
	fake_status(fake, "dir " VIRTIO, STATUS_ABSENT, ENOENT);
	fake_disk(fake, "/var/lib/libvirt/images", 5000000000, 9000000000);
	return fake;
}

static struct fact_set *run(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_resources, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(resources, an_ordinary_guest)
{
	struct fact_set *facts = run(machine());
	expect_int(facts, "cpu.count", 8);
	expect_source(facts, "cpu.count", FAKE_ONLINE);
	expect_int(facts, "cpu.cores", 4); /* two threads on each */
	expect_int(facts, "cpu.sockets", 2);
	expect_int(facts, "memory.total", INT64_C(8123456) * 1024);
	expect_status(facts, "memory.balloon", STATUS_ABSENT);
	expect_bool(facts, "memory.dynamic", false);
	expect_int(facts, "disk.free", 5000000000);
	expect_source(facts, "disk.free", "/var/lib/libvirt/images");
	expect_int(facts, "disk.largest", INT64_C(67108864) * 1024);
	fact_set_free(facts);
}

Test(resources, five_hundred_and_twelve_cpus)
{
	struct fake_machine *fake = machine();
	fake_online(fake, 512);
	fake_cpuinfo(fake, 512, "fpu", NULL);
	struct fact_set *facts = run(fake);
	expect_int(facts, "cpu.count", 512);
	expect_int(facts, "cpu.cores", 256);
	expect_int(facts, "cpu.sockets", 128);
	fact_set_free(facts);
}

Test(resources, a_kernel_that_tells_no_topology)
{
	struct fake_machine *fake = machine();
	fake_online(fake, 1);
	fake_file(fake, "/proc/cpuinfo", "processor : 0\nflags : fpu\n\n");
	struct fact_set *facts = run(fake);
	expect_status(facts, "cpu.cores", STATUS_ABSENT);
	expect_status(facts, "cpu.sockets", STATUS_ABSENT);
	fact_set_free(facts);

	fake = machine();
	fake_file(fake, "/proc/cpuinfo", "");
	facts = run(fake);
	expect_int(facts, "cpu.count", 8);
	expect_status(facts, "cpu.cores", STATUS_FAILED);
	expect_why(facts, "cpu.sockets", "/proc/cpuinfo: empty");
	fact_set_free(facts);
}

Test(resources, a_bound_balloon_leaves_it_open_whether_it_is_used)
{
	struct fake_machine *fake = machine();
	fake_dir(fake, VIRTIO, "bind\nmodule\nuevent\nunbind\nvirtio3");
	struct fact_set *facts = run(fake);
	expect_text(facts, "memory.balloon", "virtio_balloon");
	expect_source(facts, "memory.balloon", VIRTIO);
	expect_status(facts, "memory.ballooned", STATUS_ABSENT);
	expect_status(facts, "memory.dynamic", STATUS_SKIPPED);
	expect_why(facts, "memory.dynamic", "virtio_balloon is bound");
	fact_set_free(facts);
}

Test(resources, a_driver_without_a_device_is_not_bound)
{
	struct fake_machine *fake = machine();
	fake_dir(fake, VIRTIO, "bind\nmodule\nuevent\nunbind\nvirtio\nvirtiox");
	struct fact_set *facts = run(fake);
	expect_status(facts, "memory.balloon", STATUS_ABSENT);
	expect_bool(facts, "memory.dynamic", false);
	fact_set_free(facts);
}

Test(resources, memory_that_is_gone_was_taken)
{
	struct fake_machine *fake = machine();
	fake_dir(fake, VIRTIO, "virtio3");
	fake_file(fake, "/proc/meminfo", "MemTotal: 100 kB\nBalloon:     4096 kB\n");
	struct fact_set *facts = run(fake);
	expect_int(facts, "memory.ballooned", 4096 * 1024);
	expect_bool(facts, "memory.dynamic", true);
	fact_set_free(facts);
}

Test(resources, each_platform_has_its_balloon)
{
	struct fake_machine *fake = machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dir(fake, HYPERV, "bind\nnew_id\n1eccfd72-4b41-45ef-b73a-4a6e44c12924\nunbind");
	struct fact_set *facts = run(fake);
	expect_text(facts, "memory.balloon", "hv_balloon");
	fact_set_free(facts);

	fake = machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dir(fake, HYPERV, "bind\nnew_id\nunbind");
	facts = run(fake);
	expect_status(facts, "memory.balloon", STATUS_ABSENT);
	fact_set_free(facts);

	fake = machine();
	fake_vmware(fake);
	fake_dir(fake, "/sys/module/vmw_balloon", "parameters");
	facts = run(fake);
	expect_text(facts, "memory.balloon", "vmw_balloon");
	fact_set_free(facts);

	fake = machine();
	fake_xen(fake, 0x40000000);
	fake_dir(fake, "/sys/devices/system/xen_memory", "xen_memory0");
	facts = run(fake);
	expect_text(facts, "memory.balloon", "xen-balloon");
	fact_set_free(facts);
}

Test(resources, drivers_that_cannot_be_listed_are_not_none)
{
	struct fake_machine *fake = machine();
	fake_status(fake, "dir " VIRTIO, STATUS_DENIED, EACCES);
	struct fact_set *facts = run(fake);
	expect_status(facts, "memory.balloon", STATUS_DENIED);
	expect_status(facts, "memory.dynamic", STATUS_DENIED);
	fact_set_free(facts);
}

Test(resources, room_is_looked_for_where_images_go)
{
	struct fake_machine *fake = machine();
	fake_status(fake, "disk /var/lib/libvirt/images", STATUS_ABSENT, ENOENT);
	fake_status(fake, "disk /var/lib/vz", STATUS_ABSENT, ENOENT);
	fake_disk(fake, "/var", 123, 456);
	struct fact_set *facts = run(fake);
	expect_int(facts, "disk.free", 123);
	expect_source(facts, "disk.free", "/var");
	fact_set_free(facts);

	fake = machine();
	fake_status(fake, "disk /var/lib/libvirt/images", STATUS_DENIED, EACCES);
	facts = run(fake);
	expect_status(facts, "disk.free", STATUS_DENIED);
	fact_set_free(facts);
}

Test(resources, tables_that_are_none)
{
	struct fake_machine *fake = machine();
	fake_file(fake, "/proc/meminfo", "");
	fake_file(fake, "/proc/partitions", "rubbish\n");
	struct fact_set *facts = run(fake);
	expect_status(facts, "memory.total", STATUS_FAILED);
	expect_status(facts, "disk.largest", STATUS_FAILED);
	fact_set_free(facts);

	fake = machine();
	fake_status(fake, "file /proc/meminfo", STATUS_DENIED, EACCES);
	fake_file(fake, "/proc/partitions", "major minor  #blocks  name\n\n   7  0  9 loop0\n");
	facts = run(fake);
	expect_status(facts, "memory.total", STATUS_DENIED);
	expect_status(facts, "disk.largest", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(sizes, meminfo_is_read_strictly)
{
	uint64_t bytes;
	cr_assert(sizes_meminfo("A: 1 kB\nMemTotal:\t 12 kB", "MemTotal", &bytes));
	cr_assert_eq(bytes, 12 * 1024);
	static const char *const wrong[] = {
		"",
		"MemTotal",
		"MemTotal:",
		"MemTotal: kB",
		"MemTotal: 12",
		"MemTotal: 12 MB",
		"MemTotal: -12 kB",
		"MemTotal: 12 kB x",
		"xMemTotal: 12 kB",
		"MemTotalx: 12 kB",
		"MemTotal: 18446744073709551616 kB",
		"MemTotal: 8796093022208 kB",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_assert_not(sizes_meminfo(wrong[i], "MemTotal", &bytes), "%s", wrong[i]);
}

Test(sizes, partitions_are_read_strictly)
{
	static const char *const wrong[] = {
		"8 0 1 sda\n", "8 0 1", "8 0 sda", "8 0 1  ", "8 0 99999999999999999999 sda", "x"
	};
	uint64_t bytes;
	cr_assert(sizes_largest_disk("", &bytes));
	cr_assert_eq(bytes, 0, "a machine without disks has an empty table");
	cr_assert_not(sizes_largest_disk(wrong[0], &bytes));
	for (size_t i = 1; i < sizeof wrong / sizeof *wrong; i++) {
		char text[128] = "major minor  #blocks  name\n\n";
		strcat(text, wrong[i]);
		cr_assert_not(sizes_largest_disk(text, &bytes), "%s", wrong[i]);
	}
	cr_assert(sizes_largest_disk("major minor  #blocks  name\n\n 8 0 7 sda\n 9 0 9 md0\n"
	                             " 8 1 5 sda1\n 7 0 9 ram12\n 1 1 8 fd0",
	                             &bytes));
	cr_assert_eq(bytes, 7 * 1024);
}
