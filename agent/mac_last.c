/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See mac_last.h.  JSON:
 *
 *   {"schema": "nestready.mac-last/1", "boot_id", "platform", "wall", "uptime",
 *    "nics": [{"name", "mac", "word", "confidence"}]}
 */
#include "agent/mac_last.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/input.h"
#include "agent/output.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define SCHEMA   "nestready.mac-last/1"
#define KEPT_MAX (1u << 20)
#define NICS_MAX 8
#define DRIFT    60 /* seconds that the clocks may differ by: one was set, or a snapshot restored */

/* The text of a fact net.NIC.REST; NULL when there is none. */
static const char *nic_text(const struct fact_set *facts, const char *nic, const char *rest)
{
	char key[64];
	snprintf(key, sizeof key, "net.%s.%s", nic, rest);
	const struct fact *fact = fact_set_find(facts, key);
	return fact == NULL || fact->status != STATUS_OBSERVED ? NULL
	                                                       : json_string_value(fact->value);
}

/* The interface of a key net.NIC.mac-filter.  False: it is none. */
static bool nic_of(const char *key, char nic[16])
{
	static const char end[] = ".mac-filter";
	size_t length = strlen(key);
	if (strncmp(key, "net.", 4) != 0 || length < 4 + sizeof end ||
	    strcmp(key + length - (sizeof end - 1), end) != 0)
		return false;
	snprintf(nic, 16, "%.*s", (int)(length - 4 - (sizeof end - 1)), key + 4);
	return true;
}

static json_t *nics_to_json(const struct fact_set *facts)
{
	json_t *nics = json_array();
	for (size_t i = 0; i < fact_set_count(facts); i++) {
		char nic[16];
		if (!nic_of(fact_set_at(facts, i)->key, nic))
			continue;
		const char *mac = nic_text(facts, nic, "mac");
		const char *word = nic_text(facts, nic, "mac-filter");
		const char *confidence = nic_text(facts, nic, "mac-filter.confidence");
		if (mac != NULL && word != NULL && confidence != NULL)
			json_array_append_new(nics,
			                      json_pack("{ssssssss}", "name", nic, "mac", mac,
			                                "word", word, "confidence", confidence));
	}
	return nics;
}

void mac_last_write(const struct fact_set *facts, const struct mac_last_moment *now,
                    struct text *out)
{
	json_t *nics = nics_to_json(facts);
	if (json_array_size(nics) == 0 || now->boot_id[0] == '\0') {
		json_decref(nics);
		return;
	}
	json_t *json = json_pack("{sssssssIsIso}", "schema", SCHEMA, "boot_id", now->boot_id,
	                         "platform", now->platform, "wall", (json_int_t)now->wall, "uptime",
	                         (json_int_t)now->uptime, "nics", nics);
	char *dump = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
	if (dump != NULL)
		text_printf(out, "%s\n", dump);
	free(dump);
	json_decref(json);
}

/* A result as it is on disk. */
struct kept {
	json_t *json;
	const char *boot_id;
	const char *platform;
	json_int_t wall;
	json_int_t uptime;
	json_t *nics;
};

static int parse(const char *bytes, size_t length, struct kept *kept, struct error *err)
{
	json_error_t where;
	const char *schema;
	*kept = (struct kept){ .json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &where) };
	if (kept->json == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "line %d: %.100s", where.line,
		                 where.text);
	if (json_unpack_ex(kept->json, &where, JSON_STRICT, "{sssssssIsIso}", "schema", &schema,
	                   "boot_id", &kept->boot_id, "platform", &kept->platform, "wall",
	                   &kept->wall, "uptime", &kept->uptime, "nics", &kept->nics) != 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.120s", where.text);
	if (strcmp(schema, SCHEMA) != 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "schema: expected %s; found %.40s",
		                 SCHEMA, schema);
	return 0;
}

/* The words of mac_verdict.h are all of these letters. */
static bool is_word(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
	return length > 0 && length < 32 && text[length] == '\0';
}

/* Of an interface; it becomes a part of a path. */
static bool is_name(const char *text)
{
	return text[0] != '\0' && strlen(text) < 16 && text[0] != '.' && strchr(text, '/') == NULL;
}

/* Age in seconds; -1 when it was measured elsewhere or cannot be dated. */
static int64_t age_of(const struct kept *kept, const struct mac_last_moment *now)
{
	if (strcmp(kept->boot_id, now->boot_id) != 0 || now->boot_id[0] == '\0' ||
	    strcmp(kept->platform, now->platform) != 0)
		return -1;
	if (kept->wall < 0 || kept->wall > now->wall || kept->uptime < 0 ||
	    kept->uptime > now->uptime)
		return -1;
	int64_t wall = now->wall - kept->wall;
	int64_t uptime = now->uptime - kept->uptime;
	int64_t drift = wall > uptime ? wall - uptime : uptime - wall;
	return drift > DRIFT || wall > MAC_LAST_AGE || uptime > MAC_LAST_AGE ? -1 : wall;
}

static void say_age(int64_t seconds, struct text *out)
{
	if (seconds < 120)
		text_printf(out, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		text_printf(out, "%" PRId64 " min", seconds / 60);
	else
		text_printf(out, "%" PRId64 " h", seconds / 3600);
}

/* Every interface of it must still be there with its MAC. */
static int say_nics(const struct kept *kept, const struct mac_last_moment *now, bool *same,
                    struct text *says, struct error *err)
{
	size_t count = json_array_size(kept->nics);
	*same = true;
	if (!json_is_array(kept->nics) || count == 0 || count > NICS_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "nics: expected 1 to %d interfaces",
		                 NICS_MAX);
	for (size_t i = 0; i < count; i++) {
		const char *name, *mac, *word, *confidence;
		json_error_t where;
		if (json_unpack_ex(json_array_get(kept->nics, i), &where, JSON_STRICT, "{ssssssss}",
		                   "name", &name, "mac", &mac, "word", &word, "confidence",
		                   &confidence) != 0 ||
		    !is_name(name) || !is_word(word) || !is_word(confidence))
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "nics[%zu]: expected name, mac, word and confidence", i);
		char has[18];
		*same = *same && now->mac_of(name, has) && strcmp(has, mac) == 0;
		text_printf(says, "%s%s %s (%s confidence)", i == 0 ? "" : ", ", name, word,
		            confidence);
	}
	return 0;
}

int mac_last_read(const char *bytes, size_t length, const struct mac_last_moment *now,
                  struct text *says, struct error *err)
{
	struct kept kept;
	cleanup_text struct text nics = TEXT_INIT;
	bool same = false;
	int failed = parse(bytes, length, &kept, err);
	if (failed == 0)
		failed = say_nics(&kept, now, &same, &nics, err);
	int64_t age = failed == 0 ? age_of(&kept, now) : -1;
	if (same && age >= 0) {
		text_printf(says, "%s, measured ", text_string(&nics));
		say_age(age, says);
		text_add(says, " ago by the MAC test");
	}
	json_decref(kept.json);
	return failed;
}

static int64_t seconds_of(clockid_t clock)
{
	struct timespec now = { 0 };
	clock_gettime(clock, &now);
	return now.tv_sec;
}

/*
 * From /sys, which shows the interfaces of whoever mounted it: also to a
 * service whose own network is private.
 */
static bool mac_of(const char *nic, char mac[18])
{
	char path[64];
	snprintf(path, sizeof path, "/sys/class/net/%.15s/address", nic);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, mac, 17);
	mac[got < 0 ? 0 : got] = '\0';
	return got == 17;
}

static void get_moment(const struct supervision *found, struct mac_last_moment *now)
{
	struct identification platform;
	cleanup_fd int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, now->boot_id, sizeof now->boot_id - 1);
	now->boot_id[got < 0 ? 0 : got] = '\0';
	identify_platform(found->facts, &platform);
	now->platform = platform.platform == NULL ? "" : platform.platform->id;
	now->wall = seconds_of(CLOCK_REALTIME);
	now->uptime = seconds_of(CLOCK_BOOTTIME);
	now->mac_of = mac_of;
}

void mac_last_keep(const struct supervision *found)
{
	struct mac_last_moment now;
	struct error err = ERROR_INIT;
	cleanup_text struct text out = TEXT_INIT;
	if (geteuid() != 0)
		return;
	get_moment(found, &now);
	mac_last_write(found->facts, &now, &out);
	if (out.length == 0)
		return;
	if ((mkdir(STATEDIR, 0755) != 0 && errno != EEXIST) ||
	    output_write(MAC_LAST_FILE, &out, &err) != 0)
		fprintf(stderr, "nestready: the result is not kept: %s: %s\n", MAC_LAST_FILE,
		        err.code == ERROR_NONE ? strerror(errno) : err.message);
}

int mac_last_find(const struct supervision *found, struct text *says, struct error *err)
{
	struct mac_last_moment now;
	struct stat about;
	cleanup_text struct text bytes = TEXT_INIT;
	if (lstat(MAC_LAST_FILE, &about) != 0)
		return 0;
	if (!S_ISREG(about.st_mode) || about.st_uid != 0 ||
	    (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: expected a file that root alone can write", MAC_LAST_FILE);
	get_moment(found, &now);
	if (input_read(MAC_LAST_FILE, KEPT_MAX, &bytes, err) != 0)
		return -1;
	if (mac_last_read(text_string(&bytes), bytes.length, &now, says, err) == 0)
		return 0;
	utf8_sanitize(err->message, strlen(err->message));
	return error_wrap(err, "%s", MAC_LAST_FILE);
}
