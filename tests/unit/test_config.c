/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration says what it means, and a mistake in it is named by its line. */
#include <criterion/criterion.h>
#include <string.h>

#include "transport/config.h"

static struct config config;
static struct error err;

static int parse(const char *text)
{
	err = (struct error)ERROR_INIT;
	return config_parse("conf", text, strlen(text), &config, &err);
}

Test(config, all_keys)
{
	cr_assert_eq(parse("# where to\n"
	                   "[report https://a.example/]\n"
	                   "token-file = /etc/token\n"
	                   "\tca-file=/etc/ca.pem\r\n"
	                   "cert-file = /etc/a cert.pem\n"
	                   "key-file = /etc/key.pem\n"
	                   "proxy = http://proxy:3128\n"
	                   "timeout = 2m\n\n"
	                   "[report serial:/dev/ttyS1]\nacknowledge = written\n"
	                   "[report stdout:]\nacknowledge = reader\n"
	                   "[reports]\nmode = changes\n"
	                   "[network]\nmac_test = yes\n"
	                   "[spool]\nbytes = 2M\nage = 7d"),
	             0, "%s", err.message);
	cr_assert_eq(config.report_count, 3);
	cr_expect(config.mac_test);
	cr_expect_str_eq(config.mode, "changes");
	const struct config_report *report = config_find(&config, "https://a.example/");
	cr_assert_not_null(report);
	cr_expect_str_eq(report->token_file, "/etc/token");
	cr_expect_str_eq(report->ca_file, "/etc/ca.pem");
	cr_expect_str_eq(report->cert_file, "/etc/a cert.pem");
	cr_expect_str_eq(report->key_file, "/etc/key.pem");
	cr_expect_str_eq(report->proxy, "http://proxy:3128");
	cr_expect_eq(report->timeout_seconds, 120);
	cr_expect_not(report->one_way);
	cr_expect(config.reports[1].one_way);
	cr_expect_not(config.reports[2].one_way);
	cr_expect_eq(config.limits.bytes, 2u << 20);
	cr_expect_eq(config.limits.age_seconds, 7u * 86400);
	cr_expect_null(config_find(&config, "https://b.example/"));
	config_clear(&config);
}

Test(config, nothing_said_is_the_default)
{
	cr_assert_eq(parse(""), 0);
	cr_expect_eq(config.report_count, 0);
	cr_expect_eq(config.limits.bytes, 64u << 20);
	cr_assert_eq(config_load("/nonexistent", true, &config, &err), 0);
	cr_assert_eq(config_load("/nonexistent", false, &config, &err), -1);
	cr_expect_eq(err.code, ERROR_NO_INPUT);
	config_clear(&config);
}

Test(config, mistakes_are_named_by_line)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "timeout = 1", "conf:1: before any section: 'timeout'" },
		{ "\n[spool\n", "conf:2: ']' is missing" },
		{ "[", "conf:1: ']' is missing" },
		{ "[other]", "conf:1: [report ADDRESS], [reports], [spool] or [network], not" },
		{ "[report ftp://x]", "conf:1: 'ftp://x' is no place" },
		{ "[report stdout:]\n[report stdout:]", "conf:2: a second section" },
		{ "[reports]\nmode = some", "conf:2: 'all' or 'changes', not 'some'" },
		{ "[network]\nmac_test = 1", "conf:2: 'yes' or 'no', not '1'" },
		{ "[network]\nbytes = 1", "conf:2: unknown key 'bytes'" },
		{ "[spool]\nage", "conf:2: KEY = VALUE, not 'age'" },
		{ "[spool]\nage = soon", "conf:2: a time like 30s, not 'soon'" },
		{ "[spool]\nage = 1M", "conf:2: a time like 30s, not '1M'" },
		{ "[spool]\nbytes = 0", "conf:2: a size like 64M, not '0'" },
		{ "[spool]\nbytes = -1", "conf:2: a size like 64M, not '-1'" },
		{ "[spool]\ntoken-file = /x", "conf:2: unknown key 'token-file'" },
		{ "[report stdout:]\ntoken-file = x", "conf:2: a path from / on, not 'x'" },
		{ "[report stdout:]\nacknowledge = never", "conf:2: 'reader' or 'written', not" },
		{ "[report stdout:]\nproxy =", "conf:2: empty: 'proxy'" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_expect_eq(parse(rows[i].text), -1, "%s", rows[i].text);
		cr_expect_eq(err.code, ERROR_BAD_INPUT);
		cr_expect_eq(strncmp(err.message, rows[i].expected, strlen(rows[i].expected)), 0,
		             "%s", err.message);
		config_clear(&config);
	}
	cr_expect_eq(config_parse("conf", "a\0b", 3, &config, &err), -1);
	config_clear(&config);
}

Test(config, what_is_said_of_auto_holds_for_what_it_came_to)
{
	cr_assert_eq(parse("[report auto:https://a.example]\ntoken-file = /etc/token\n"
	                   "[report kvp:x]\ntimeout = 1\n"),
	             0);
	const struct config_report *section = &config.reports[0];
	cr_expect_eq(config_find(&config, "https://a.example"), section);
	cr_expect_eq(config_find(&config, "serial:/dev/ttyS0"), section);
	cr_expect_eq(config_find(&config, "kvp:x"), section + 1);
	cr_expect_null(config_find(&config, "https://a.example.org"));
	cr_expect_null(config_find(&config, "http://a.example"));
	config_clear(&config);
}
