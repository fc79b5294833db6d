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
	"vsock:2:1",
	"vsock:4294967294:4294967294",
	"virtio-serial:org.nestready.report.0",
	"serial:/dev/ttyS1",
	"guestinfo:nestready.report",
	"kvp:nestready_report-1",
	"auto:",
	"auto:https://host",
	"xenstore:data/nestready",
	"xenstore:/local/domain/1/data/x",
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
	"HTTPS://host",
	"vsock:2",
	"vsock:2:",
	"vsock::2",
	"vsock:02:1",
	"vsock:4294967295:1",
	"vsock:2:1:1",
	"virtio-serial:",
	"virtio-serial:../x",
	"virtio-serial:.x",
	"virtio-serial:a b",
	"guestinfo:",
	"guestinfo:a b",
	"guestinfo:.a",
	"kvp:a.",
	"kvp:a/b",
	"auto:x",
	"auto:https://",
	"auto:file:/x",
	"xenstore:data/",
	"xenstore:a//b",
	"xenstore:a.b",
	"serial:ttyS0",
	"serial:/dev/ttyS0\n",
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

Test(address, secrets_go_by_tls_or_stay_on_this_machine)
{
	static const char *const kept[] = { "https://host/", "http://localhost",
		                            "http://localhost:8080/base", "http://127.0.0.1/",
		                            "http://[::1]:80" };
	static const char *const told[] = { "http://host",           "http://localhost.example",
		                            "http://localhost@host", "http://127.0.0.10",
		                            "http://[::1]0",         "http://localhost:1@host/" };
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		cr_expect(address_keeps_secrets(kept[i]), "%s", kept[i]);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		cr_expect(!address_keeps_secrets(told[i]), "%s", told[i]);
}
