/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of interfaces: which of them lead out, and to whom. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/nics.h"

static const char machine[] =
        "nic 1 lo 0 65536 0xe - - - -\n"
        "nic 2 eth0 4 1500 0x7 - virtio_net 52:54:00:00:00:01 52:54:00:00:00:01\n"
        "foreign 2 17\n"
        "nic 3 tap7 4 1500 0x7 tun tun 52:54:00:00:00:07 -\n"
        "nic 4 br0 0 1500 0x7 bridge bridge 52:54:00:00:00:01 -\n"
        "nic 5 eth1 0 9000 0x7 - ena 52:54:00:00:00:02 -\n"
        "nic 6 wlan0 0 1500 0xf - iwlwifi 52:54:00:00:00:03 -\n"
        "own 4 0 192.0.2.2\n"
        "own 4 0 2001:db8::2\n"
        "own 4 0 fe80::2\n"
        "own 5 0 198.51.100.2\n"
        "gateway 4 100 192.0.2.1\n"
        "gateway 5 50 198.51.100.1\n"
        "gateway 4 1024 fe80::1\n"
        "neighbour 4 0 192.0.2.9\n"
        "neighbour 4 0 192.0.2.1\n";

static struct nics *read_table(const char *text)
{
	struct nics *nics = calloc(1, sizeof *nics);
	struct error err = ERROR_INIT;
	cr_assert_eq(nics_read(text, strlen(text), nics, &err), 0, "%s", err.message);
	return nics;
}

Test(nics, it_reads_back_as_written)
{
	struct nics *nics = read_table(machine);
	cleanup_text struct text text = TEXT_INIT;
	nics_write(nics, &text);
	cr_expect_str_eq(text_string(&text), machine);
	free(nics);
}

Test(nics, a_bad_line_is_named)
{
	struct nics *nics = calloc(1, sizeof *nics);
	static const char *const bad[] = { "nic 1 lo\n", "foreign 1\n", "own 1\n", "others 1 2 3\n",
		                           "\n" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct error err = ERROR_INIT;
		cr_expect_eq(nics_read(bad[i], strlen(bad[i]), nics, &err), -1, "%s", bad[i]);
		cr_expect(strstr(err.message, "line 1") != NULL, "%s", err.message);
	}
	free(nics);
}

Test(nics, best_route_first_and_a_port_in_place_of_its_bridge)
{
	struct nics *nics = read_table(machine);
	const struct nic *list[8];
	cr_assert_eq(nics_candidates(nics, list, 8), 2);
	cr_expect_str_eq(list[0]->name, "eth1");
	cr_expect_str_eq(list[1]->name, "eth0");
	cr_expect_eq(nics_candidates(nics, list, 1), 1);
	free(nics);
}

Test(nics, a_port_speaks_as_its_bridge)
{
	struct nics *nics = read_table(machine);
	struct nic_path path;
	nic_find_path(nics, nics_find(nics, "eth0"), false, &path);
	cr_expect_str_eq(path.own, "192.0.2.2");
	cr_assert_eq(path.responder_count, 2, "gateway first, each once");
	cr_expect_str_eq(path.responder[0], "192.0.2.1");
	cr_expect_str_eq(path.responder[1], "192.0.2.9");
	nic_find_path(nics, nics_find(nics, "eth0"), true, &path);
	cr_expect_str_eq(path.own, "fe80::2");
	cr_expect_str_eq(path.responder[0], "fe80::1");
	nic_find_path(nics, nics_find(nics, "wlan0"), false, &path);
	cr_expect_null(path.own);
	free(nics);
}

/* Many gateways answer no address that is not of their network. */
Test(nics, of_several_addresses_the_one_of_the_gateways_network_speaks)
{
	struct nics *nics = read_table("nic 2 eth0 0 1500 0x7 - - 52:54:00:00:00:01 -\n"
	                               "own 2 24 198.51.100.2\n"
	                               "own 2 23 192.0.3.2\n"
	                               "own 2 24 192.0.2.3\n"
	                               "gateway 2 0 192.0.2.1\n");
	struct nic_path path;
	nic_find_path(nics, nics_find(nics, "eth0"), false, &path);
	cr_expect_str_eq(path.own, "192.0.3.2", "%s", path.own);
	cr_expect(nics_has_address(nics, "198.51.100.2"));
	cr_expect(nics_has_address(nics, "192.0.2.1"));
	cr_expect_not(nics_has_address(nics, "192.0.2.2"));
	cr_expect_not(nics_has_address(nics, "eth0"));
	free(nics);
}

Test(nics, a_default_route_may_have_no_gateway)
{
	struct nics *nics = read_table("nic 2 eth0 0 1500 0x7 - - 52:54:00:00:00:01 -\n"
	                               "nic 3 wg0 0 1420 0x6 wireguard - - -\n"
	                               "gateway 2 0 -\n"
	                               "gateway 3 0 -\n"
	                               "neighbour 2 0 192.0.2.9\n");
	const struct nic *list[8];
	struct nic_path path;
	cr_assert_eq(nics_candidates(nics, list, 8), 1);
	cr_expect_str_eq(list[0]->name, "eth0");
	nic_find_path(nics, list[0], false, &path);
	cr_assert_eq(path.responder_count, 1);
	cr_expect_str_eq(path.responder[0], "192.0.2.9");
	free(nics);
}

Test(nics, where_frames_tell_nothing_is_said_why)
{
	struct nics *nics = read_table(machine);
	static const struct {
		const char *name, *why;
	} rows[] = {
		{ "lo", "no Ethernet" }, { "br0", "a bridge" }, { "wlan0", "Wi-Fi" },
		{ "tap7", "no switch" }, { "eth0", NULL },      { "eth1", NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *why = nic_unfit(nics, nics_find(nics, rows[i].name));
		cr_expect_eq(why == NULL, rows[i].why == NULL, "%s", rows[i].name);
		cr_expect(why == NULL || strstr(why, rows[i].why) != NULL, "%s", why);
	}
	cr_expect_null(nic_guarded(nics_find(nics, "eth0")));
	cr_expect_not_null(nic_guarded(nics_find(nics, "eth1")));
	free(nics);
}

Test(nics, more_than_there_is_room_for_is_left_out)
{
	cleanup_text struct text text = TEXT_INIT;
	for (int i = 1; i <= NICS_MAX + 10; i++)
		text_printf(&text, "nic %d eth%d 0 1500 0x7 - - - -\n", i, i);
	struct nics *nics = read_table(text_string(&text));
	cr_expect_eq(nics->count, NICS_MAX);
	free(nics);
}
