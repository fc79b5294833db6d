/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe mac-filter: what is asked when, and which answer of two families counts. */
#include <criterion/criterion.h>

#include "probes/mac_verdict.h"
#include "tests/lib/fake_machine.h"

extern const struct probe probe_mac_filter;

static const struct probe_settings sending = { .network = true, .mac_test = true };

#define ETH0 "'nic 2 eth0 0 1500 0x7 - virtio_net 52:54:00:00:00:01 52:54:00:00:00:09',"
#define WAYS                                                                                       \
	"'own 2 0 192.0.2.2', 'own 2 0 fe80::2', 'gateway 2 0 192.0.2.1', "                        \
	"'gateway 2 1024 fe80::1'"

static const char open_high[] = "{'lines': ['family ipv4', 'responder 192.0.2.1', 'alive seen', "
                                "'nested seen', 'echo seen', 'forged-echo seen', 'forged 2', '']}";
static const char open_medium[] = "{'lines': ['family ipv4', 'alive seen', 'nested seen', "
                                  "'echo silent', 'anything silent', '']}";
static const char filtered[] = "{'lines': ['family ipv6', 'alive seen', 'nested silent', "
                               "'ingress silent', 'echo seen', 'forged-echo silent', '']}";

static struct fake_machine *machine_with(const char *table)
{
	struct fake_machine *fake = fake_machine_new();
	fake_json(fake, "nics", table);
	return fake;
}

static void clear(struct fact_set *facts, struct fake_machine *fake)
{
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(mac_filter, nothing_is_asked_unless_wanted)
{
	struct fake_machine *fake = fake_machine_new();
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, NULL);
	expect_status(facts, "net.mac-filter", STATUS_SKIPPED);
	cr_expect_eq(fake_asked(fake), 0);
	clear(facts, fake);
}

Test(mac_filter, a_plan_sends_nothing)
{
	static const struct probe_settings looking = { .network = true };
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &looking);
	expect_value(facts, "net.mac-filter.plan", "['eth0 to 192.0.2.1 or fe80::1']");
	expect_int(facts, "net.mac-filter.most", 320);
	expect_status(facts, "net.mac-filter", STATUS_SKIPPED);
	expect_int(facts, "net.mtu", 1500);
	expect_bool(facts, "net.eth0.mac-changed", true);
	cr_expect_eq(fake_asked(fake), 1);
	clear(facts, fake);
}

Test(mac_filter, what_is_named_twice_is_tested_once_and_two_may_ask_each_other)
{
	static const struct probe_settings twice = { .network = true, .nics = "eth0,eth1,eth0" };
	struct fake_machine *fake =
	        machine_with("{'lines': [" ETH0 "'nic 3 eth1 0 1500 0x7 - virtio_net "
	                     "52:54:00:00:00:02 52:54:00:00:00:02', 'own 2 0 192.0.2.2', "
	                     "'gateway 2 0 192.0.2.1', '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &twice);
	expect_value(facts, "net.mac-filter.plan",
	             "['eth0 to 192.0.2.1', 'eth1 to another interface of this guest']");
	expect_int(facts, "net.mac-filter.most", 160 + 140);
	clear(facts, fake);
}

Test(mac_filter, a_sure_answer_needs_no_second_family)
{
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	fake_json(fake, "mac-experiment eth0 ipv4", open_high);
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &sending);
	expect_text(facts, "net.mac-filter", "open");
	expect_text(facts, "net.mac-filter.nic", "eth0");
	expect_text(facts, "net.eth0.mac-filter", "open");
	expect_text(facts, "net.eth0.mac-filter.confidence", "high");
	clear(facts, fake);
}

Test(mac_filter, a_sure_no_outweighs_an_open_that_is_not)
{
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	fake_json(fake, "mac-experiment eth0 ipv4", open_medium);
	fake_json(fake, "mac-experiment eth0 ipv6", filtered);
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &sending);
	expect_text(facts, "net.mac-filter", "filtered");
	clear(facts, fake);
}

Test(mac_filter, without_the_right_it_is_denied_and_no_failure)
{
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	fake_status(fake, "mac-experiment eth0 ipv4", STATUS_DENIED, 1);
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &sending);
	expect_status(facts, "net.mac-filter", STATUS_DENIED);
	expect_text(facts, "net.eth0.mac-filter", "not-permitted");
	clear(facts, fake);
}

/* Of several interfaces the worst one counts; a link that is down is not the worst. */
Test(mac_filter, the_worst_interface_counts)
{
	static const struct probe_settings named = { .network = true,
		                                     .mac_test = true,
		                                     .nics = "eth0,eth1,eth2" };
	struct fake_machine *fake = machine_with(
	        "{'lines': [" ETH0 WAYS ", 'nic 3 eth1 0 1400 0x3 - e1000e 52:54:00:00:00:02 -', "
	        "'nic 4 eth2 0 1500 0x7 - ixgbevf 52:54:00:00:00:03 -', 'own 4 0 192.0.2.3', "
	        "'neighbour 4 0 192.0.2.4', '']}");
	fake_json(fake, "mac-experiment eth0 ipv4", open_high);
	fake_json(fake, "mac-experiment eth2 ipv4", filtered);
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &named);
	expect_text(facts, "net.eth0.mac-filter", "open");
	expect_text(facts, "net.eth1.mac-filter", "link-down");
	expect_text(facts, "net.eth2.mac-filter", "filtered");
	expect_text(facts, "net.mac-filter", "filtered");
	expect_text(facts, "net.mac-filter.nic", "eth2");
	expect_int(facts, "net.mtu", 1400);
	clear(facts, fake);
}

/* Nothing is bridged onto a tunnel, and what it says is not the worst. */
Test(mac_filter, an_interface_that_no_vm_would_use_does_not_count)
{
	struct fake_machine *fake = machine_with(
	        "{'lines': ['nic 9 tun0 0 1400 0x6 tun tun - -', 'gateway 9 0 198.51.100.1', " ETH0
	                WAYS ", '']}");
	fake_json(fake, "mac-experiment eth0 ipv4", open_high);
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &sending);
	expect_text(facts, "net.tun0.mac-filter", "not-applicable");
	expect_text(facts, "net.mac-filter", "open");
	expect_text(facts, "net.mac-filter.nic", "eth0");
	clear(facts, fake);
}

Test(mac_filter, a_guarded_interface_is_tested_only_by_name)
{
	struct fake_machine *fake = machine_with(
	        "{'lines': ['nic 2 eth0 0 1500 0x7 - ena 52:54:00:00:00:01 -', " WAYS ", '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &sending);
	expect_text(facts, "net.mac-filter", "not-applicable");
	clear(facts, fake);
}

Test(mac_filter, an_interface_that_is_not_there_is_named)
{
	static const struct probe_settings named = { .network = true, .nics = "eth7" };
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &named);
	expect_status(facts, "net.mac-filter", STATUS_SKIPPED);
	expect_why(facts, "net.mac-filter", "eth7");
	clear(facts, fake);
}

Test(mac_filter, both_families_together)
{
	static const struct {
		struct mac_verdict first, second;
		enum mac_word word;
	} rows[] = {
		{ { MAC_OPEN, MAC_MEDIUM }, { MAC_OPEN, MAC_HIGH }, MAC_OPEN },
		{ { MAC_OPEN, MAC_MEDIUM },
		  { MAC_EGRESS_FILTERED, MAC_HIGH },
		  MAC_EGRESS_FILTERED },
		{ { MAC_OPEN, MAC_MEDIUM }, { MAC_NO_RESPONDER, MAC_HIGH }, MAC_OPEN },
		{ { MAC_NO_RESPONDER, MAC_HIGH }, { MAC_OPEN, MAC_HIGH }, MAC_OPEN },
		{ { MAC_NO_RESPONDER, MAC_HIGH }, { MAC_INCONCLUSIVE, MAC_LOW }, MAC_INCONCLUSIVE },
		{ { MAC_INCONCLUSIVE, MAC_LOW }, { MAC_EGRESS_OK, MAC_MEDIUM }, MAC_EGRESS_OK },
		{ { MAC_EGRESS_OK, MAC_MEDIUM }, { MAC_NO_RESPONDER, MAC_HIGH }, MAC_EGRESS_OK },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_expect_eq(mac_combine(rows[i].first, rows[i].second).word, rows[i].word,
		             "row %zu", i);
}

Test(mac_filter, what_is_seen_beside_is_counted_over_all)
{
	static const struct probe_settings tagging = { .network = true,
		                                       .mac_test = true,
		                                       .vlan = "20" };
	struct fake_machine *fake = machine_with("{'lines': [" ETH0 WAYS ", '']}");
	fake_json(fake, "mac-experiment eth0 ipv4",
	          "{'lines': ['alive seen', 'nested seen', 'echo silent', 'anything silent', "
	          "'vlan unclear', 'duplicates 2', 'reflected 1', '']}");
	fake_json(fake, "mac-experiment eth0 ipv6",
	          "{'lines': ['family ipv6', 'alive seen', 'vlan seen', 'duplicates 1', '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &tagging);
	expect_int(facts, "net.duplicates", 3);
	expect_int(facts, "net.reflected", 1);
	expect_int(facts, "net.vlan.id", 20);
	expect_bool(facts, "net.vlan", true);
	expect_bool(facts, "net.eth0.vlan", true);
	expect_bool(facts, "net.mac-changed", true);
	clear(facts, fake);
}

/* A VLAN's own interface puts the tag that is asked about inside its own. */
Test(mac_filter, a_tag_inside_a_tag_is_called_so)
{
	static const struct probe_settings tagging = { .network = true,
		                                       .mac_test = true,
		                                       .vlan = "20" };
	struct fake_machine *fake =
	        machine_with("{'lines': ['nic 2 v20 0 1500 0x7 vlan 802.1Q 52:54:00:00:00:01 -', "
	                     "'own 2 0 192.0.2.2', 'gateway 2 0 192.0.2.1', '']}");
	fake_json(
	        fake, "mac-experiment v20 ipv4",
	        "{'lines': ['alive seen', 'nested seen', 'forged-echo seen', 'vlan unclear', '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &tagging);
	expect_value(facts, "net.mac-filter", "'open'");
	expect_why(facts, "net.vlan",
	           "nobody answered in the VLAN: its tag went inside that of v20");
	expect_why(facts, "net.v20.vlan",
	           "nobody answered in the VLAN: its tag went inside that of v20");
	clear(facts, fake);
}

Test(mac_filter, two_that_do_not_hear_each_other_are_not_asked_the_other_way_round)
{
	static const struct probe_settings both = { .network = true,
		                                    .mac_test = true,
		                                    .nics = "eth0,eth1" };
	struct fake_machine *fake =
	        machine_with("{'lines': [" ETH0 "'nic 3 eth1 0 1500 0x7 - virtio_net "
	                     "52:54:00:00:00:02 52:54:00:00:00:02', 'own 2 0 192.0.2.2', "
	                     "'gateway 2 0 192.0.2.1', 'own 3 0 198.51.100.2', "
	                     "'gateway 3 0 198.51.100.1', '']}");
	fake_json(fake, "mac-experiment eth0 ipv4", "{'lines': ['alive unclear', '']}");
	fake_json(fake, "mac-experiment eth1 ipv4", "{'lines': ['alive unclear', '']}");
	fake_json(fake, "mac-experiment eth0 to eth1", "{'lines': ['alive unclear', '']}");
	struct fact_set *facts = run_probe(&probe_mac_filter, fake, &both);
	expect_text(facts, "net.mac-filter", "no-responder");
	cr_expect_eq(fake_asked(fake), 4, "interfaces, two gateways, one pair: %zu",
	             (size_t)fake_asked(fake));
	clear(facts, fake);
}
