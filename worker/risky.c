/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See risky.h. */
#include "worker/risky.h"

#include <stdio.h>
#include <string.h>

#include "machine/adapters.h"
#include "probes/hypervisor.h"

/* The first line of an answer; "" without one. */
static const char *first_line(struct answer *answer)
{
	if (answer->status != STATUS_OBSERVED || answer->text == NULL)
		return "";
	answer->text[strcspn(answer->text, "\n")] = '\0';
	return answer->text;
}

/* Kernel release: the second line of what uname says. */
static void read_kernel(struct machine *machine, char *kernel, size_t size)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	kernel[0] = '\0';
	if (machine_uname(machine, &answer) != STATUS_OBSERVED || answer.text == NULL)
		return;
	const char *release = strchr(answer.text, '\n');
	if (release != NULL)
		snprintf(kernel, size, "%.*s", (int)strcspn(release + 1, "\n"), release + 1);
}

/* What the hypervisor and the board call themselves. */
static void read_platform(struct machine *machine, char *platform, size_t size)
{
	cleanup_answer struct answer vendor = ANSWER_INIT;
	cleanup_answer struct answer product = ANSWER_INIT;
	struct hypervisor_scan scan;
	hypervisor_scan(machine, &scan);
	machine_read_file(machine, "/sys/class/dmi/id/sys_vendor", &vendor);
	machine_read_file(machine, "/sys/class/dmi/id/product_name", &product);
	snprintf(platform, size, "%s %.40s %.40s", scan.count == 0 ? "-" : scan.found[0].text,
	         first_line(&vendor), first_line(&product));
}

static void read_boot_id(struct machine *machine, char *boot_id, size_t size)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	machine_read_file(machine, "/proc/sys/kernel/random/boot_id", &answer);
	snprintf(boot_id, size, "%s", first_line(&answer));
}

#define LOST_WHY                                                                                   \
	"an earlier run of this probe did not come back before the machine went down; "            \
	"--retry-risky asks again"

/* What was found out, as an answer that a recording can keep. */
static void note(struct machine *machine, const struct voice *voice, enum marker_state state,
                 const struct error *err, struct answer *answer)
{
	const struct question question = { .kind = QUESTION_LOST, .path = voice->probe->id };
	const uint64_t lost = state == MARKER_LOST;
	if (state == MARKER_UNAVAILABLE || state == MARKER_DAMAGED)
		answer_set_status(answer, status_of_errno(err->sys_errno), "%s", err->message);
	else
		answer_set_numbers(answer, &lost, 1);
	machine_recorder_note(machine, &question, answer);
}

static bool is_lost(const struct answer *answer)
{
	return answer->status == STATUS_OBSERVED && answer->numbers[0] != 0;
}

/* Says whether an earlier boot was lost, where the probe has a fact for that. */
static void say_lost(struct voice *voice, const struct answer *answer)
{
	char key[64];
	snprintf(key, sizeof key, "%s.previous-run-lost-machine", voice->probe->id);
	if (!voice_declares(voice->probe, key))
		return;
	if (answer->status == STATUS_OBSERVED)
		fact_bool(&voice->sink, key, is_lost(answer), "marker");
	else
		fact_none(&voice->sink, key, answer->status, answer->why, "marker");
}

bool risky_begin(struct risky *risky, struct voice *voice, struct machine *machine, bool retry,
                 char *why, size_t size)
{
	char kernel[128];
	char platform[128];
	char boot_id[40];
	struct error err = ERROR_INIT;
	cleanup_answer struct answer answer = ANSWER_INIT;
	read_kernel(machine, kernel, sizeof kernel);
	read_platform(machine, platform, sizeof platform);
	read_boot_id(machine, boot_id, sizeof boot_id);
	struct marker_key key = { voice->probe->id, kernel, platform, boot_id };
	marker_init(&risky->marker, NULL, &key);
	enum marker_state state = marker_before(&risky->marker, retry, &err);
	risky->written = state == MARKER_WRITTEN;
	note(machine, voice, state, &err, &answer);
	if (state == MARKER_LOST)
		snprintf(why, size, "%s", LOST_WHY);
	else if (state == MARKER_DAMAGED)
		snprintf(why, size, "%.100s; --retry-risky asks again", err.message);
	bool refused = state == MARKER_LOST || state == MARKER_DAMAGED;
	if (refused)
		voice_nothing(voice, STATUS_SKIPPED, why);
	say_lost(voice, &answer);
	return !refused;
}

bool risky_recall(struct voice *voice, struct machine *machine, char *why, size_t size)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	/* what a recording does not say was not asked where it was made */
	if (machine_lost(machine, voice->probe->id, &answer) == STATUS_SKIPPED)
		return true;
	snprintf(why, size, "%s", LOST_WHY);
	if (is_lost(&answer))
		voice_nothing(voice, STATUS_SKIPPED, why);
	say_lost(voice, &answer);
	return !is_lost(&answer);
}

void risky_end(const struct risky *risky)
{
	struct error err = ERROR_INIT;
	if (risky->written && marker_survived(&risky->marker, &err) != 0)
		fprintf(stderr, "nestready-probe: %s\n", err.message);
}

void risky_settle(struct machine *machine)
{
	char boot_id[40];
	struct error err = ERROR_INIT;
	read_boot_id(machine, boot_id, sizeof boot_id);
	if (marker_settle(NULL, boot_id, &err) != 0)
		fprintf(stderr, "nestready-probe: %s\n", err.message);
}
