/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever comes in over the wire, and whenever, the experiment ends and keeps
 * its limits.  The same bytes are tried as an observation and as a table of
 * interfaces, which read back as written.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/mac_experiment.h"
#include "machine/mac_pair.h"
#include "machine/nics.h"
#include "probes/mac_verdict.h"

#define SECOND 1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct driver {
	struct mac_experiment experiment;
	uint64_t now;
	uint64_t limited[MAC_FRAMES];
	size_t limited_count;
	size_t frames;
};

static void send_all(struct driver *driver)
{
	uint8_t frame[MAC_FRAME_MAX];
	enum mac_probe probe;
	size_t length;
	while ((length = mac_experiment_next(&driver->experiment, driver->now, frame, &probe)) >
	       0) {
		size_t within = 1;
		if (length > MAC_FRAME_MAX || ++driver->frames > MAC_FRAMES)
			abort();
		if (probe == MAC_ECHO || probe == MAC_FORGED_ECHO)
			continue;
		for (size_t i = 0; i < driver->limited_count; i++)
			within += driver->limited[i] + SECOND > driver->now;
		if (within > MAC_LIMITED_PER_SECOND)
			abort();
		driver->limited[driver->limited_count++] = driver->now;
	}
}

/* A step is a byte of time, a byte of length and a frame; to nobody in particular at first. */
static size_t step(struct driver *driver, const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t length = data[1] < size - 2 ? data[1] : size - 2;
	driver->now += data[0] * 4000u;
	mac_experiment_receive(&driver->experiment, driver->now, data + 2, length);
	send_all(driver);
	return length + 2;
}

static void run(const uint8_t *data, size_t size, bool ipv6)
{
	static struct driver driver;
	struct mac_observation observation;
	struct mac_config config = {
		.self = { .family = ipv6 ? MAC_IPV6 : MAC_IPV4,
		          .real = { { 0x52, 0x54, 0, 0, 0, 1 } },
		          .forged = { { 2, 1, 2, 3, 4, 0xf } },
		          .unseen = { { 2, 1, 2, 3, 4, 2 } },
		          .own = { { 10, 0, 0, 2 } },
		          .token = 0x1234 },
		.responder = { { { 10, 0, 0, 1 } } },
		.responder_count = 1,
		.dhcp = size % 2 == 1,
	};
	if (ipv6) {
		mac_link_local(&config.self.real, &config.self.own);
		mac_link_local(&config.self.unseen, &config.responder[0]);
	}
	driver.now = 1;
	driver.limited_count = driver.frames = 0;
	mac_experiment_begin(&driver.experiment, &config, driver.now);
	send_all(&driver);
	while (size > 0 && !mac_experiment_done(&driver.experiment)) {
		size_t used = step(&driver, data, size);
		data += used;
		size = used == 0 ? 0 : size - used;
	}
	for (int i = 0; !mac_experiment_done(&driver.experiment); i++) {
		uint64_t wake = mac_experiment_wake(&driver.experiment);
		if (i > 2000)
			abort();
		driver.now = wake > driver.now ? wake : driver.now;
		send_all(&driver);
	}
	if (driver.now > MAC_TIME + 1 + size * 4000)
		abort();
	mac_experiment_end(&driver.experiment, &observation);
	if (mac_judge(&observation).word >= MAC_WORDS)
		abort();
}

static void read_back(const char *text, size_t size)
{
	static struct nics nics;
	struct mac_observation observation;
	struct error err = ERROR_INIT;
	cleanup_text struct text once = TEXT_INIT;
	cleanup_text struct text twice = TEXT_INIT;
	if (mac_observation_read(text, size, &observation, &err) == 0) {
		mac_observation_write(&observation, &once);
		if (mac_observation_read(once.data, once.length, &observation, &err) != 0)
			abort();
		mac_observation_write(&observation, &twice);
		if (strcmp(text_string(&once), text_string(&twice)) != 0)
			abort();
		text_clear(&once);
		text_clear(&twice);
	}
	if (nics_read(text, size, &nics, &err) == 0) {
		const struct nic *list[4];
		struct nic_path path;
		nics_write(&nics, &once);
		size_t count = nics_candidates(&nics, list, 4);
		for (size_t i = 0; i < count; i++)
			nic_find_path(&nics, list[i], i % 2 == 1, &path);
		if (nics_read(text_string(&once), once.length, &nics, &err) != 0)
			abort();
	}
}

/* What comes in under the Ethertype of two interfaces that hear each other. */
static void run_pair(const uint8_t *data, size_t size, bool tagged)
{
	static const struct mac_self self = { .real = { { 2, 0, 0, 0, 0, 1 } },
		                              .forged = { { 2, 0, 0, 0, 0, 0xf } },
		                              .unseen = { { 2, 0, 0, 0, 0, 2 } },
		                              .vlan = 2 };
	static const struct mac other = { { 2, 0, 0, 0, 0, 9 } };
	struct mac_pair pair;
	struct mac_observation observation;
	uint8_t frame[MAC_PAIR_MAX];
	uint64_t now = 1;
	bool by_other;
	mac_pair_begin(&pair, &self, &other, tagged);
	while (!pair.done) {
		while (mac_pair_next(&pair, now, frame, &by_other))
			if (size > pair.frames && data[pair.frames] < sizeof frame) {
				frame[data[pair.frames]] ^= data[pair.frames - 1];
				mac_pair_receive(&pair, !by_other, tagged ? size % 3 : 0, frame,
				                 MAC_PAIR_LENGTH);
			}
		mac_pair_receive(&pair, size % 2 == 1, 0, data, size);
		now = mac_pair_wake(&pair) > now ? mac_pair_wake(&pair) : now;
	}
	mac_pair_end(&pair, now, &observation);
	if (observation.frames > MAC_PAIR_FRAMES || mac_judge_pair(&observation).word >= MAC_WORDS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run_pair(data, size, false);
	run_pair(data, size, true);
	run(data, size, false);
	run(data, size, true);
	read_back((const char *)data, size);
	return 0;
}
