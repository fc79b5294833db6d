/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of `key = value`: two tables say what there is. */
#include "transport/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "transport/address.h"
#include "transport/offer.h"

#define TIMEOUT_SECONDS     30
#define TIMEOUT_MAX_SECONDS 3600

enum kind { KIND_TEXT, KIND_PATH, KIND_SECONDS, KIND_BYTES, KIND_ACKNOWLEDGE, KIND_MODE, KIND_YES };

struct key {
	const char *name;
	enum kind kind;
	size_t offset; /* in the section's structure: of a char *, a uint64_t, a bool or a word */
};

static const struct key report_keys[] = {
	{ "token-file", KIND_PATH, offsetof(struct config_report, token_file) },
	{ "ca-file", KIND_PATH, offsetof(struct config_report, ca_file) },
	{ "cert-file", KIND_PATH, offsetof(struct config_report, cert_file) },
	{ "key-file", KIND_PATH, offsetof(struct config_report, key_file) },
	{ "proxy", KIND_TEXT, offsetof(struct config_report, proxy) },
	{ "timeout", KIND_SECONDS, offsetof(struct config_report, timeout_seconds) },
	{ "acknowledge", KIND_ACKNOWLEDGE, offsetof(struct config_report, one_way) },
	{ NULL, KIND_TEXT, 0 },
};

static const struct key spool_keys[] = {
	{ "bytes", KIND_BYTES, offsetof(struct spool_limits, bytes) },
	{ "age", KIND_SECONDS, offsetof(struct spool_limits, age_seconds) },
	{ NULL, KIND_TEXT, 0 },
};

static const struct key reports_keys[] = {
	{ "mode", KIND_MODE, offsetof(struct config, mode) },
	{ NULL, KIND_TEXT, 0 },
};

static const struct key network_keys[] = {
	{ "mac_test", KIND_YES, offsetof(struct config, mac_test) },
	{ NULL, KIND_TEXT, 0 },
};

/* Of a bool, the words for false and true; of a mode, the two there are. */
static const struct pair {
	enum kind kind;
	const char *no, *yes;
	const char *wanted;
} pair_table[] = {
	{ KIND_ACKNOWLEDGE, "reader", "written", "'reader' or 'written', not" },
	{ KIND_MODE, "all", "changes", "'all' or 'changes', not" },
	{ KIND_YES, "no", "yes", "'yes' or 'no', not" },
};

static const struct unit {
	char letter;
	enum kind kind;
	uint64_t factor;
} unit_table[] = {
	{ 's', KIND_SECONDS, 1 },     { 'm', KIND_SECONDS, 60 },    { 'h', KIND_SECONDS, 3600 },
	{ 'd', KIND_SECONDS, 86400 }, { 'K', KIND_BYTES, 1 << 10 }, { 'M', KIND_BYTES, 1 << 20 },
	{ 'G', KIND_BYTES, 1 << 30 },
};

/* Where the reader is. */
struct reader {
	const char *name;
	unsigned line;
	struct config *config;
	const struct key *keys; /* of the section; NULL before the first */
	void *base;             /* the section's structure */
	struct error *err;
};

static int complain(const struct reader *reader, const char *what, const char *word)
{
	return error_set(reader->err, ERROR_BAD_INPUT, 0, "%s:%u: %s '%.60s'", reader->name,
	                 reader->line, what, word);
}

static char *trim(char *text)
{
	text += strspn(text, " \t\r");
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

/* At least 1, with or without a unit.  False: no such number. */
static bool read_number(const char *text, enum kind kind, uint64_t *value)
{
	char *end;
	uint64_t factor = 1;
	if (!isdigit((unsigned char)text[0]) || strlen(text) > 12)
		return false;
	uint64_t read = strtoull(text, &end, 10);
	for (size_t i = 0; *end != '\0' && i < sizeof unit_table / sizeof unit_table[0]; i++) {
		if (unit_table[i].letter == *end && unit_table[i].kind == kind) {
			factor = unit_table[i].factor;
			end++;
			break;
		}
	}
	if (*end != '\0' || read == 0 || read > INT64_MAX / factor)
		return false;
	*value = read * factor;
	return true;
}

static int set_value(const struct reader *reader, const struct key *key, const char *value)
{
	void *place = (char *)reader->base + key->offset;
	if (key->kind == KIND_SECONDS || key->kind == KIND_BYTES) {
		if (!read_number(value, key->kind, place))
			return complain(reader,
			                key->kind == KIND_BYTES ? "a size like 64M, not"
			                                        : "a time like 30s, not",
			                value);
		return 0;
	}
	for (size_t i = 0; i < sizeof pair_table / sizeof pair_table[0]; i++) {
		const struct pair *pair = &pair_table[i];
		if (pair->kind != key->kind)
			continue;
		bool yes = strcmp(value, pair->yes) == 0;
		if (!yes && strcmp(value, pair->no) != 0)
			return complain(reader, pair->wanted, value);
		if (key->kind == KIND_MODE)
			*(const char **)place = yes ? pair->yes : pair->no;
		else
			*(bool *)place = yes;
		return 0;
	}
	if (value[0] == '\0' || (key->kind == KIND_PATH && value[0] != '/'))
		return complain(reader, key->kind == KIND_PATH ? "a path from / on, not" : "empty:",
		                key->kind == KIND_PATH ? value : key->name);
	char *copy = strdup(value);
	if (copy == NULL)
		return error_set(reader->err, ERROR_INTERNAL, 0, "out of memory");
	free(*(char **)place);
	*(char **)place = copy;
	return 0;
}

static int add_report(struct reader *reader, const char *address)
{
	struct config *config = reader->config;
	struct error why = ERROR_INIT;
	const char *rest;
	if (address_parse(address, &rest, &why) == NULL)
		return error_set(reader->err, ERROR_BAD_INPUT, 0, "%s:%u: %.180s", reader->name,
		                 reader->line, why.message);
	const struct config_report *known = config_find(config, address);
	if (known != NULL && strcmp(known->address, address) == 0)
		return complain(reader, "a second section for", address);
	if (config->report_count == CONFIG_REPORTS_MAX)
		return complain(reader, "one place too many:", address);
	struct config_report *more =
	        reallocarray(config->reports, config->report_count + 1, sizeof *more);
	if (more == NULL)
		return error_set(reader->err, ERROR_INTERNAL, 0, "out of memory");
	config->reports = more;
	more += config->report_count;
	*more = (struct config_report){ .address = strdup(address) };
	if (more->address == NULL)
		return error_set(reader->err, ERROR_INTERNAL, 0, "out of memory");
	config->report_count++;
	reader->base = more;
	return 0;
}

static int read_section(struct reader *reader, char *line)
{
	size_t length = strlen(line);
	if (line[length - 1] != ']')
		return complain(reader, "']' is missing after", line);
	line[length - 1] = '\0';
	char *name = trim(line + 1);
	const struct {
		const char *name;
		const struct key *keys;
		void *base;
	} sections[] = {
		{ "spool", spool_keys, &reader->config->limits },
		{ "reports", reports_keys, reader->config },
		{ "network", network_keys, reader->config },
	};
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		if (strcmp(name, sections[i].name) != 0)
			continue;
		reader->keys = sections[i].keys;
		reader->base = sections[i].base;
		return 0;
	}
	if (strncmp(name, "report ", 7) != 0)
		return complain(reader, "[report ADDRESS], [reports], [spool] or [network], not",
		                name);
	reader->keys = report_keys;
	return add_report(reader, trim(name + 7));
}

static int read_line(struct reader *reader, char *text)
{
	char *line = trim(text);
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	if (line[0] == '[')
		return read_section(reader, line);
	char *equals = strchr(line, '=');
	if (equals == NULL)
		return complain(reader, "KEY = VALUE, not", line);
	*equals = '\0';
	const char *name = trim(line);
	if (reader->keys == NULL)
		return complain(reader, "before any section:", name);
	for (const struct key *key = reader->keys; key->name != NULL; key++) {
		if (strcmp(key->name, name) == 0)
			return set_value(reader, key, trim(equals + 1));
	}
	return complain(reader, "unknown key", name);
}

int config_parse(const char *name, const char *bytes, size_t length, struct config *config,
                 struct error *err)
{
	struct reader reader = { .name = name, .config = config, .err = err };
	*config = (struct config){ .limits = SPOOL_LIMITS_INIT };
	if (memchr(bytes, '\0', length) != NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: not a text file", name);
	cleanup_free char *copy = strndup(bytes, length);
	if (copy == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	char *rest = copy;
	while (rest != NULL) {
		char *line = strsep(&rest, "\n");
		reader.line++;
		if (read_line(&reader, line) != 0)
			return -1;
	}
	return 0;
}

int config_load(const char *path, bool may_miss, struct config *config, struct error *err)
{
	char buffer[4096];
	cleanup_text struct text bytes = TEXT_INIT;
	*config = (struct config){ .limits = SPOOL_LIMITS_INIT };
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && may_miss)
		return 0;
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 && bytes.length <= CONFIG_BYTES_MAX && !bytes.failed) {
		n = read(fd, buffer, sizeof buffer);
		text_add_bytes(&bytes, buffer, n > 0 ? (size_t)n : 0);
	}
	if (n < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	if (n > 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: larger than 1 MiB", path);
	return config_parse(path, text_string(&bytes), bytes.length, config, err);
}

/*
 * Whether what is said of auto:URL holds for an address that it may have come
 * to.  A URL is the one that was named: a token goes nowhere else.
 */
static bool covers(const char *section, const char *address)
{
	if (strncmp(section, OFFER_SCHEME, strlen(OFFER_SCHEME)) != 0)
		return false;
	return strncmp(address, "http", 4) != 0 ||
	       strcmp(section + strlen(OFFER_SCHEME), address) == 0;
}

const struct config_report *config_find(const struct config *config, const char *address)
{
	const struct config_report *found = NULL;
	for (size_t i = 0; i < config->report_count; i++) {
		const struct config_report *report = &config->reports[i];
		if (strcmp(report->address, address) == 0)
			return report;
		if (found == NULL && covers(report->address, address))
			found = report;
	}
	return found;
}

unsigned config_timeout(const struct config_report *report)
{
	uint64_t said = report == NULL ? 0 : report->timeout_seconds;
	return said == 0 || said > TIMEOUT_MAX_SECONDS ? TIMEOUT_SECONDS : (unsigned)said;
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < config->report_count; i++) {
		const struct config_report *report = &config->reports[i];
		char *const texts[] = { report->address,   report->token_file, report->ca_file,
			                report->cert_file, report->key_file,   report->proxy };
		for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
			free(texts[j]);
	}
	free(config->reports);
	*config = (struct config){ .limits = SPOOL_LIMITS_INIT };
}
