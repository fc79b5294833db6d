/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port is found by the name that the host gave it, and by nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/virtio_port.h"

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

Test(virtio_port, found_by_its_name_in_sysfs)
{
	char root[] = "/tmp/nestready-ports-XXXXXX";
	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(chdir(root), 0);
	cr_assert_eq(mkdir("sys", 0755) | mkdir("sys/class", 0755), 0);
	struct error err = ERROR_INIT;
	cleanup_text struct text device = TEXT_INIT;
	cr_expect_eq(virtio_port_find(root, "a", &device, &err), -1);
	cr_expect_eq(err.code, ERROR_UNAVAILABLE);
	cr_assert_eq(mkdir("sys/class/virtio-ports", 0755) |
	                     mkdir("sys/class/virtio-ports/vport0p1", 0755) |
	                     mkdir("sys/class/virtio-ports/vport1p2", 0755),
	             0);
	put("sys/class/virtio-ports/vport0p1/name", "org.example\n");
	put("sys/class/virtio-ports/vport1p2/name", "org.nestready.report.0\n");
	cr_expect_eq(virtio_port_find(root, "org.nestready", &device, NULL), -1);
	cr_expect_eq(virtio_port_find(root, "", &device, NULL), -1);
	cr_assert_eq(virtio_port_find(root, "org.nestready.report.0", &device, NULL), 0);
	cr_expect_str_eq(text_string(&device) + sizeof root - 1, "/dev/vport1p2");
	const char *const made[] = { "vport0p1/name", "vport1p2/name", "vport0p1", "vport1p2" };
	cr_assert_eq(chdir("sys/class/virtio-ports"), 0);
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		cr_expect_eq(remove(made[i]), 0);
	cr_assert_eq(chdir(root), 0);
	cr_expect_eq(rmdir("sys/class/virtio-ports") | rmdir("sys/class") | rmdir("sys") |
	                     chdir("/") | rmdir(root),
	             0);
}
