/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places for reports are read strictly: what is mistyped must not be spooled for ever. */
#include <criterion/criterion.h>
#include <string.h>

#include "transport/address.h"

static const char *const good[] = {
	"file:/tmp/a b",
	"file:reports/",
	"stdout:",
	"https://host",
	"https://host:8443/base",
	"http://[::1]:80",
	"vsock:2:7780",
	"virtio-serial:org.nestready.0",
	"virtio-serial:x?ack=none",
	"serial:/dev/ttyS1",
	"serial:/dev/ttyS1?ack=none",
};

static const char *const bad[] = {
	"",
	":",
	"file",
	"file:",
	"ftp://host",
	"stdout:x",
	"https:host",
	"https://",
	"https:///x",
	"https://user:secret@host",
	"https://host/?x=1",
	"https://ho st",
	"https://host\n",
	"vsock:2",
	"vsock:2:",
	"vsock::1",
	"vsock:-1:1",
	"vsock:2:4294967296",
	"vsock:2:1 ",
	"virtio-serial:../mem",
	"virtio-serial:.",
	"virtio-serial:",
	"serial:ttyS1",
	"serial:/dev/ttyS1?ack=some",
	"HTTPS://host",
};

Test(address, every_scheme_reads_its_form)
{
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct error err = ERROR_INIT;
		const char *rest;
		const struct scheme *scheme = address_parse(good[i], &rest, &err);
		cr_assert_not_null(scheme, "%s: %s", good[i], err.message);
		cr_expect_str_eq(rest, strchr(good[i], ':') + 1);
	}
}

Test(address, mistakes_are_usage_errors)
{
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct error err = ERROR_INIT;
		const char *rest;
		cr_expect_null(address_parse(bad[i], &rest, &err), "%s", bad[i]);
		cr_expect_eq(err.code, ERROR_USAGE, "%s", bad[i]);
	}
}

Test(address, parts)
{
	unsigned cid, port;
	char name[20];
	bool acknowledged;
	cr_assert(address_vsock("2:7780", &cid, &port));
	cr_expect_eq(cid, 2u);
	cr_expect_eq(port, 7780u);
	cr_assert(address_line("/dev/ttyS1?ack=none", name, sizeof name, &acknowledged));
	cr_expect_str_eq(name, "/dev/ttyS1");
	cr_expect_not(acknowledged);
	cr_assert(address_line("/dev/ttyS1", name, sizeof name, &acknowledged));
	cr_expect(acknowledged);
	cr_expect_not(
	        address_line("/dev/a-name-that-is-too-long", name, sizeof name, &acknowledged));
}
