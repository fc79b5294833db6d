/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See reporting.h. */
#include "agent/reporting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/heartbeat.h"
#include "agent/output.h"
#include "base/cleanup.h"
#include "transport/address.h"
#include "transport/config.h"
#include "transport/offer.h"
#include "transport/said.h"
#include "transport/spool.h"

/* A place that stands for all those of a configuration file. */
#define CONFIG_SCHEME "config:"

static bool is_config(const char *place)
{
	return strncmp(place, CONFIG_SCHEME, strlen(CONFIG_SCHEME)) == 0;
}

int reporting_prepare(const struct options *options, struct reporting *reporting, struct error *err)
{
	const char *rest;
	*reporting = (struct reporting){ .standard_output = -1 };
	for (size_t i = 0; i < options->reports.count; i++) {
		const char *place = options->reports.word[i];
		if (is_config(place))
			continue;
		const struct scheme *scheme = address_parse(place, &rest, err);
		if (scheme == NULL)
			return error_wrap(err, "--report");
	}
	if (options->reports.count > 0)
		reporting->standard_output =
		        fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return 0;
}

/* One delivery.  The text is made once: the same id never stands for two texts. */
struct delivery {
	const struct options *options;
	struct reporting *reporting;
	const char *id;
	const struct report *report; /* NULL: of another machine */
	const char *digest;          /* of it; NULL: nothing stands for it */
	bool changes;                /* a heartbeat goes where one can stand for the report */
	struct config config;
	struct spool spool;
	struct error no_spool; /* why it could not be opened */
	const struct text *body;
	const struct text *line; /* for standard output */
};

/* What kept a report from one place; the answer itself was given. */
static void note(const char *place, const struct error *why, struct error *err)
{
	if (why->code != ERROR_NONE)
		error_set(err, why->code == ERROR_INTERNAL ? ERROR_UNAVAILABLE : why->code, 0,
		          "no report to %.60s: %.150s", place, why->message);
}

static int write_file(struct delivery *delivery, const char *path, struct error *err)
{
	cleanup_text struct text name = TEXT_INIT;
	text_add(&name, path);
	if (path[strlen(path) - 1] == '/')
		text_printf(&name, "%s.json", delivery->id);
	if (name.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return output_write(text_string(&name), delivery->body, err);
}

/* What `auto:` comes to in this guest, today; whoever looks for the report has to know. */
static int choose(const char *url, struct text *place, struct error *err)
{
	struct offer offer;
	offer_look("", &offer);
	if (offer_choose(&offer, url, place, err) != 0)
		return -1;
	fprintf(stderr, "nestready: " OFFER_SCHEME " is %s\n", text_string(place));
	return 0;
}

/* Whether a heartbeat says to `place` what the report would say again; then of which report. */
static bool holds(const struct delivery *delivery, const char *place, int64_t now,
                  struct said *said)
{
	return said_read(&delivery->spool, place, delivery->report->judgment.target->id, said) &&
	       strcmp(said->digest, delivery->digest) == 0 && said->since <= now &&
	       now - said->since < HEARTBEAT_FULL_SECONDS &&
	       !said_refused(&delivery->spool, place, said->full);
}

static int spool_heartbeat(struct delivery *delivery, const char *place, const struct said *said,
                           struct error *err)
{
	cleanup_text struct text body = TEXT_INIT;
	heartbeat_write(delivery->report, said->digest, said->full, &body);
	text_add(&body, "\n");
	text_add_bytes(&body, text_string(delivery->body), delivery->body->length);
	if (body.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return spool_add(&delivery->spool, delivery->id, place, text_string(&body), body.length,
	                 err);
}

/*
 * Spools the report, with a heartbeat before it where that should be enough (transport/beat.h).
 * What was said is noted once the report is safe, and where that fails the next one is whole again.
 * It is noted whoever sends it, and why: a heartbeat stands for the newest report that the
 * collector has, or the report goes.
 */
static int spool_it(struct delivery *delivery, const char *place, struct error *err)
{
	const struct text *body = delivery->body;
	struct said said;
	int64_t now = (int64_t)time(NULL);
	bool noted = delivery->digest != NULL && strncmp(place, "http", 4) == 0;
	if (noted && delivery->changes && holds(delivery, place, now, &said))
		return spool_heartbeat(delivery, place, &said, err);
	if (spool_add(&delivery->spool, delivery->id, place, text_string(body), body->length,
	              err) != 0)
		return -1;
	if (!noted)
		return 0;
	said.since = now;
	text_cut(said.digest, sizeof said.digest, delivery->digest);
	text_cut(said.full, sizeof said.full, delivery->id);
	said_write(&delivery->spool, place, delivery->report->judgment.target->id, &said, NULL);
	return 0;
}

static int deliver(struct delivery *delivery, const char *place, struct error *err)
{
	const char *rest;
	const struct scheme *scheme = address_parse(place, &rest, err);
	if (scheme == NULL)
		return -1;
	if (strcmp(scheme->name, "file") == 0)
		return write_file(delivery, rest, err);
	if (scheme->at_once) {
		if (output_write_all(delivery->reporting->standard_output,
		                     text_string(delivery->line), delivery->line->length) != 0)
			return error_set(err, ERROR_UNAVAILABLE, errno, "standard output");
		return 0;
	}
	if (delivery->spool.directory < 0) {
		*err = delivery->no_spool;
		return -1;
	}
	cleanup_text struct text chosen = TEXT_INIT;
	if (strcmp(scheme->name, "auto") == 0) {
		if (choose(rest, &chosen, err) != 0)
			return -1;
		place = text_string(&chosen);
	}
	return spool_it(delivery, place, err);
}

static void deliver_noting(struct delivery *delivery, const char *place, struct error *err)
{
	struct error why = ERROR_INIT;
	deliver(delivery, place, &why);
	note(place, &why, err);
}

/* Reads the configuration that one of the places names; the last one counts. */
static void load_config(struct delivery *delivery, struct error *err)
{
	for (size_t i = 0; i < delivery->options->reports.count; i++) {
		const char *place = delivery->options->reports.word[i];
		const char *path = place + strlen(CONFIG_SCHEME);
		struct error why = ERROR_INIT;
		if (!is_config(place))
			continue;
		config_clear(&delivery->config);
		if (config_load(path[0] != '\0' ? path : CONFIG_FILE, path[0] == '\0',
		                &delivery->config, &why) != 0)
			config_clear(&delivery->config);
		note(place, &why, err);
	}
}

static bool spooled(const char *place)
{
	const char *rest;
	const struct scheme *scheme = is_config(place) ? NULL : address_parse(place, &rest, NULL);
	return scheme != NULL && !scheme->at_once;
}

/* Opens the spool if any place needs it. */
static void open_spool(struct delivery *delivery)
{
	const char *path = delivery->options->spool;
	bool needed = false;
	for (size_t i = 0; i < delivery->options->reports.count; i++)
		needed = needed || spooled(delivery->options->reports.word[i]);
	for (size_t i = 0; i < delivery->config.report_count; i++)
		needed = needed || spooled(delivery->config.reports[i].address);
	if (needed)
		spool_open(&delivery->spool, path == NULL ? SPOOL_DIRECTORY : path,
		           &delivery->config.limits, &delivery->no_spool);
}

static struct delivery begin(const struct options *options, struct reporting *reporting,
                             struct error *err)
{
	struct delivery delivery = { .options = options,
		                     .reporting = reporting,
		                     .config = { .limits = SPOOL_LIMITS_INIT },
		                     .spool = { .directory = -1 } };
	load_config(&delivery, err);
	open_spool(&delivery);
	return delivery;
}

/* To each place, and all is over. */
static int finish(struct delivery *delivery, struct error *err)
{
	const struct words *reports = &delivery->options->reports;
	for (size_t i = 0; i < reports->count; i++) {
		if (!is_config(reports->word[i]))
			deliver_noting(delivery, reports->word[i], err);
	}
	for (size_t i = 0; i < delivery->config.report_count; i++)
		deliver_noting(delivery, delivery->config.reports[i].address, err);
	spool_close(&delivery->spool);
	config_clear(&delivery->config);
	return err->code == ERROR_NONE ? 0 : -1;
}

/* The command line's mode, else the configuration's, else what is right for who asks. */
static const char *mode_of(const struct delivery *delivery)
{
	const char *asked = delivery->options->report_mode, *configured = delivery->config.mode;
	bool is_auto = asked != NULL && strcmp(asked, "auto") == 0;
	if (asked != NULL && !is_auto)
		return asked;
	return configured != NULL ? configured : is_auto ? "changes" : "all";
}

/* A collector knows a guest by these. */
static bool has_name(const struct guest_identity *guest)
{
	return guest->system_uuid[0] != '\0' || guest->hostname[0] != '\0';
}

int reporting_deliver(const struct options *options, struct reporting *reporting,
                      struct report *report, struct error *err)
{
	const struct format_options compact = { .compact = true };
	cleanup_text struct text body = TEXT_INIT;
	char digest[SHA256_HEX_SIZE];
	if (options->reports.count == 0)
		return 0;
	struct delivery delivery = begin(options, reporting, err);
	if (delivery.spool.directory >= 0)
		report->spool_dropped = spool_dropped(&delivery.spool);
	format_find("json")->write(report, &compact, &body);
	delivery.id = report->id;
	delivery.report = report;
	if (has_name(&report->guest) && heartbeat_digest(report, digest))
		delivery.digest = digest;
	/* A challenge is answered by a report alone. */
	delivery.changes = strcmp(mode_of(&delivery), "changes") == 0 && report->challenge == NULL;
	delivery.body = delivery.line = &body;
	finish(&delivery, err);
	reporting_end(reporting);
	return err->code == ERROR_NONE ? 0 : -1;
}

int reporting_forward(const struct options *options, struct reporting *reporting, const char *id,
                      const struct text *body, const struct text *line, struct error *err)
{
	struct delivery delivery = begin(options, reporting, err);
	delivery.id = id;
	delivery.body = body;
	delivery.line = line;
	return finish(&delivery, err);
}

void reporting_end(struct reporting *reporting)
{
	if (reporting->standard_output >= 0)
		close(reporting->standard_output);
	reporting->standard_output = -1;
}

void reporting_describe(struct text *out)
{
	address_help(out);
	text_add(out, "  config:[FILE]        all places of the configuration file\n\n");
}
