/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auto: takes the first of what there is, in the documented order. */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/address.h"
#include "transport/offer.h"

#define URL "https://collector.example"
#define ALL                                                                                        \
	{                                                                                          \
		true, true, "org.nestready.report.0", true, true, "/dev/ttyS0"                     \
	}

Test(offer, the_first_that_is_there)
{
	static const struct {
		struct offer offer;
		const char *url, *place; /* NULL: none */
	} rows[] = {
		{ ALL, URL, URL },
		{ ALL, "", "vsock:2:20050" },
		{ { .vsock = true, .kvp = true }, URL, "vsock:2:20050" },
		{ { .virtio_port = "org.nestready.a", .serial = "/dev/ttyS0" },
		  URL,
		  "virtio-serial:org.nestready.a" },
		{ { .guestinfo = true, .kvp = true }, "", "guestinfo:nestready.report" },
		{ { .kvp = true, .serial = "/dev/ttyS1" }, URL, "kvp:nestready.report" },
		{ { .serial = "/dev/ttyS1" }, URL, "serial:/dev/ttyS1" },
		{ { .network = true }, URL, URL },
		{ { .network = true }, "", NULL },
		{ { .network = false }, URL, NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct error err = ERROR_INIT;
		const char *rest;
		cleanup_text struct text place = TEXT_INIT;
		int status = offer_choose(&rows[i].offer, rows[i].url, &place, &err);
		cr_expect_eq(status, rows[i].place == NULL ? -1 : 0, "row %zu", i);
		cr_expect_str_eq(text_string(&place), rows[i].place == NULL ? "" : rows[i].place);
		cr_expect_eq(err.code, status == 0 ? ERROR_NONE : ERROR_UNAVAILABLE);
		cr_expect(status != 0 || address_parse(text_string(&place), &rest, &err) != NULL);
	}
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status, (void)kind, (void)where;
	return remove(path);
}

/* A file and all directories above it, under the directory we are in. */
static void put(const char *path, const char *text, mode_t mode)
{
	char part[256];
	for (const char *at = strchr(path, '/'); at != NULL; at = strchr(at + 1, '/')) {
		text_cut(part, (size_t)(at - path) + 1, path);
		mkdir(part, 0755);
	}
	FILE *file = fopen(path, "w");
	cr_assert_not_null(file, "%s", path);
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

Test(offer, what_a_guest_has_is_seen)
{
	char root[] = "/tmp/nestready-offer-XXXXXX";
	struct offer offer;
	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(chdir(root), 0);
	offer_look(root, &offer);
	static const struct offer nothing;
	cr_expect_eq(memcmp(&offer, &nothing, sizeof nothing), 0);
	put("proc/net/route", "Iface Destination Gateway\nlo 0000007F 00000000 0001\n", 0644);
	put("proc/net/ipv6_route",
	    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo\n",
	    0644);
	put("sys/class/virtio-ports/vport0p1/name", "org.qemu.guest_agent.0\n", 0644);
	put("sys/class/dmi/id/sys_vendor", "VMware, Inc.\n", 0644);
	put("sys/class/tty/ttyS0/type", "0\n", 0644);
	offer_look(root, &offer);
	cr_expect_eq(memcmp(&offer, &nothing, sizeof nothing), 0);
	put("proc/net/route", "Iface Destination Gateway\neth0 00000000 0102000A 0003\n", 0644);
	put("sys/class/virtio-ports/vport0p2/name", "org.nestready.report.0\n", 0644);
	put("sys/bus/virtio/drivers/vmw_vsock_virtio_transport/virtio3/x", "", 0644);
	put("usr/bin/vmware-rpctool", "", 0755);
	put("var/lib/hyperv/.kvp_pool_1", "", 0644);
	put("sys/class/tty/ttyS1/type", "4\n", 0644);
	offer_look(root, &offer);
	cr_expect(offer.network && offer.vsock && offer.guestinfo && offer.kvp);
	cr_expect_str_eq(offer.virtio_port, "org.nestready.report.0");
	cr_expect_str_eq(offer.serial, "/dev/ttyS1");
	put("proc/1/net/route", "Iface Destination Gateway\nlo 0000007F 00000000 0001\n", 0644);
	offer_look(root, &offer);
	cr_expect_not(offer.network, "the first process has another network than we");
	put("proc/1/net/ipv6_route",
	    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	    "fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n",
	    0644);
	offer_look(root, &offer);
	cr_expect(offer.network);
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}
