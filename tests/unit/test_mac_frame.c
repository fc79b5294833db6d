/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as the wire has them, byte by byte, and what is made of what comes back. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/mac_frame.h"

static const struct mac_self self = {
	.family = MAC_IPV4,
	.real = { { 0x52, 0x54, 0, 0, 0, 1 } },
	.forged = { { 0x02, 0xf, 0xf, 0xf, 0xf, 0xf } },
	.unseen = { { 0x02, 2, 2, 2, 2, 2 } },
	.own = { { 10, 0, 0, 2 } },
	.token = 0xbeef,
};
static const struct mac_ip target = { { 10, 0, 0, 1 } };
static const struct mac gateway = { { 0x52, 0x54, 0, 0, 0, 0xfe } };

Test(mac_frame, arp_is_as_rfc_826_has_it)
{
	static const uint8_t expected[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x08, 0x06,
		0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x01,
	};
	uint8_t frame[MAC_FRAME_MAX];
	size_t length = mac_frame_write(&self, MAC_NESTED, &target, NULL, 0, frame);
	cr_assert_eq(length, sizeof expected);
	cr_assert_eq(memcmp(frame, expected, length), 0);
}

/* Never the own or another's address together with a made-up MAC in ARP: it would be believed. */
Test(mac_frame, a_made_up_mac_never_claims_an_address)
{
	static const uint8_t nobody[4];
	uint8_t frame[MAC_FRAME_MAX];
	for (int probe = 0; probe < MAC_PROBES; probe++) {
		if (probe == MAC_SPARE || probe == MAC_DHCP)
			continue;
		mac_frame_write(&self, (enum mac_probe)probe, &target, &gateway, 0, frame);
		bool arp = frame[12] == 8 && frame[13] == 6;
		bool made_up = memcmp(frame + 22, &self.real, 6) != 0 ||
		               memcmp(frame + 6, &self.real, 6) != 0;
		cr_expect(!arp || !made_up || memcmp(frame + 28, nobody, 4) == 0, "%s",
		          mac_probe_name((enum mac_probe)probe));
		cr_expect_neq(memcmp(frame + 6, &self.unseen, 6), 0, "F2 is no source");
	}
}

static unsigned sum(const uint8_t *bytes, size_t length, unsigned begun)
{
	for (size_t i = 0; i < length; i++)
		begun += (i & 1) != 0 ? bytes[i] : (unsigned)bytes[i] << 8;
	while (begun >> 16 != 0)
		begun = (begun & 0xffff) + (begun >> 16);
	return begun;
}

Test(mac_frame, checksums_add_up)
{
	uint8_t frame[MAC_FRAME_MAX];
	size_t length = mac_frame_write(&self, MAC_FORGED_ECHO, &target, &gateway, 7, frame);
	cr_expect_eq(sum(frame + 14, 20, 0), 0xffff);
	cr_expect_eq(sum(frame + 34, length - 34, 0), 0xffff);
	struct mac_self six = self;
	six.family = MAC_IPV6;
	mac_link_local(&six.real, &six.own);
	struct mac_ip router;
	mac_link_local(&gateway, &router);
	length = mac_frame_write(&six, MAC_ALIVE, &router, NULL, 0, frame);
	cr_expect_eq(length, 86);
	cr_expect_eq(sum(frame + 54, length - 54, sum(frame + 22, 32, 58 + 32)), 0xffff);
	length = mac_frame_write(&six, MAC_ECHO, &router, &gateway, 0, frame);
	cr_expect_eq(sum(frame + 54, length - 54, sum(frame + 22, 32, 58 + 16)), 0xffff);
}

static size_t arp_reply(uint8_t *frame, const struct mac *to, const struct mac *hardware,
                        const struct mac_ip *ip)
{
	static const uint8_t head[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 2 };
	memcpy(frame, to, 6);
	memcpy(frame + 6, &gateway, 6);
	memcpy(frame + 12, head, sizeof head);
	memcpy(frame + 22, &gateway, 6);
	memcpy(frame + 28, target.byte, 4);
	memcpy(frame + 32, hardware, 6);
	memcpy(frame + 38, ip->byte, 4);
	return 42;
}

Test(mac_frame, an_answer_says_what_it_answers_and_where_it_landed)
{
	static const struct mac_ip nobody;
	const struct {
		const struct mac *to, *hardware;
		const struct mac_ip *ip;
		enum mac_probe probe;
		enum mac_landing landing;
	} rows[] = {
		{ &self.real, &self.real, &self.own, MAC_ALIVE, LANDED_REAL },
		{ &self.real, &self.real, &nobody, MAC_ANONYMOUS, LANDED_REAL },
		{ &self.forged, &self.real, &nobody, MAC_ANONYMOUS, LANDED_FORGED },
		{ &self.forged, &self.forged, &nobody, MAC_NESTED, LANDED_FORGED },
		{ &self.unseen, &self.unseen, &nobody, MAC_INGRESS, LANDED_UNSEEN },
		{ &self.real, &self.unseen, &nobody, MAC_INGRESS, LANDED_REAL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t frame[64];
		struct mac_answer answer;
		size_t length = arp_reply(frame, rows[i].to, rows[i].hardware, rows[i].ip);
		cr_assert(mac_frame_read(&self, frame, length, &answer), "%zu", i);
		cr_expect_eq(answer.probe, rows[i].probe, "%zu", i);
		cr_expect_eq(answer.landing, rows[i].landing, "%zu", i);
		cr_expect(mac_ip_equal(&answer.who, &target));
		cr_expect(mac_equal(&answer.from, &gateway));
		for (size_t cut = 0; cut < length; cut++)
			cr_expect_not(mac_frame_read(&self, frame, cut, &answer), "cut to %zu",
			              cut);
	}
}

Test(mac_frame, what_answers_somebody_else_is_none)
{
	static const struct mac other = { { 0x52, 0x54, 0, 0, 0, 9 } };
	static const struct mac_ip his = { { 10, 0, 0, 9 } };
	static const struct mac_ip nobody;
	uint8_t frame[64];
	struct mac_answer answer;
	size_t length = arp_reply(frame, &other, &other, &his);
	cr_expect_not(mac_frame_read(&self, frame, length, &answer));
	length = arp_reply(frame, &other, &other, &nobody);
	cr_expect_not(mac_frame_read(&self, frame, length, &answer));
	length = arp_reply(frame, &self.real, &self.real, &self.own);
	frame[21] = 1; /* a request */
	cr_expect_not(mac_frame_read(&self, frame, length, &answer));
}

Test(mac_frame, a_ping_comes_back_with_its_round)
{
	uint8_t frame[MAC_FRAME_MAX];
	struct mac_answer answer;
	struct mac_ip swap;
	size_t length = mac_frame_write(&self, MAC_FORGED_ECHO, &target, &gateway, 11, frame);
	cr_expect_not(mac_frame_read(&self, frame, length, &answer), "a request");
	memcpy(frame, &self.real, 6);
	memcpy(swap.byte, frame + 26, 4);
	memcpy(frame + 26, frame + 30, 4);
	memcpy(frame + 30, swap.byte, 4);
	frame[34] = 0;
	cr_assert(mac_frame_read(&self, frame, length, &answer));
	cr_expect_eq(answer.probe, MAC_FORGED_ECHO);
	cr_expect_eq(answer.round, 11);
	frame[39] ^= 1; /* another run's */
	cr_expect_not(mac_frame_read(&self, frame, length, &answer));
}

Test(mac_frame, an_observation_reads_back_as_written)
{
	struct mac_observation observation = {
		.family = MAC_IPV6,
		.responder = "fe80::1",
		.rtt_us = 120,
		.rounds = 4,
		.lost_permille = 12,
		.frames = 22,
		.limited = 12,
		.forged = 8,
		.blocked = true,
		.by_source = true,
	};
	struct mac_observation again;
	cleanup_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	observation.mark[MAC_NESTED] = MAC_SEEN;
	observation.mark[MAC_ECHO] = MAC_SILENT;
	mac_observation_write(&observation, &text);
	cr_assert_eq(mac_observation_read(text.data, text.length, &again, &err), 0, "%s",
	             err.message);
	cr_expect_eq(memcmp(&observation.mark, &again.mark, sizeof again.mark), 0);
	cr_expect_str_eq(again.responder, "fe80::1");
	cr_expect(again.family == MAC_IPV6 && again.rtt_us == 120 && again.blocked &&
	          again.by_source && !again.not_sent && again.forged == 8);
	cr_expect_eq(mac_observation_read("nested maybe", 12, &again, &err), -1);
	cr_expect(strstr(err.message, "line 1") != NULL, "%s", err.message);
}
