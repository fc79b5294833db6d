/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rubric.h. */
#include "collector/rubric.h"

#include <stdint.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/intake.h"
#include "collector/shape.h"
#include "collector/words.h"
#include "report/knowledge.h"

static int expect(struct error *err, const char *where, const char *expected, const char *found)
{
	return error_set(err, ERROR_BAD_INPUT, 0, "%.80s: expected %s, found %.60s", where,
	                 expected, found);
}

static bool has_word(const json_t *words, const char *word)
{
	for (size_t i = 0; i < json_array_size(words); i++) {
		if (strcmp(json_string_value(json_array_get(words, i)), word) == 0)
			return true;
	}
	return false;
}

/* Aliases of targets are for people; a report says the id. */
static int check_targets(const json_t *rubric, struct error *err)
{
	const json_t *targets = json_object_get(rubric, "targets");
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const char *id = json_string_value(json_array_get(targets, i));
		const struct target *target = knowledge_target(id);
		if (target == NULL || strcmp(target->id, id) != 0)
			return expect(err, "targets", "ids of targets (`nestready targets`)", id);
	}
	if (json_array_size(targets) == 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "targets: expected one at least");
	return 0;
}

static int check_platforms(const char *where, const json_t *item, const char *key,
                           struct error *err)
{
	const json_t *list = json_object_get(json_object_get(item, key), "platform");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));
		if (knowledge_platform(id) == NULL)
			return expect(err, where, "ids of platforms (`nestready platforms`)", id);
	}
	return 0;
}

static bool target_has(const char *target, const char *finding)
{
	const struct target *known = knowledge_target(target);
	for (size_t i = 0; known != NULL && i < known->requirement_count; i++) {
		if (strcmp(known->requirements[i]->id, finding) == 0)
			return true;
	}
	return false;
}

static int check_time(const char *where, const json_t *holder, struct error *err)
{
	const char *word = json_at_text(holder, "deadline");
	if (word[0] != '\0' && word_time_ms(word) < 0)
		return expect(err, where, "a moment since 1970", word);
	if (json_integer_value(json_object_get(holder, "late_percent")) > 100)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.80s: late_percent: expected 0 to 100",
		                 where);
	return 0;
}

static int check_item(const json_t *rubric, size_t index, struct error *err)
{
	const json_t *item = json_array_get(json_object_get(rubric, "items"), index);
	const char *id = json_at_text(item, "id"), *finding = json_at_text(item, "finding");
	const char *target = rubric_target(rubric, item);
	char where[96];
	snprintf(where, sizeof where, "items[%zu] (%.60s)", index, id);
	if (rubric_item(rubric, id) != item)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: its id is there twice", where);
	if ((finding[0] != '\0') == (json_at_text(item, "verdict")[0] != '\0'))
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: expected one of finding and verdict",
		                 where);
	if (!has_word(json_object_get(rubric, "targets"), target))
		return expect(err, where, "a target of the list targets", target);
	if (finding[0] != '\0' && knowledge_finding(finding) == NULL)
		return expect(err, where, "a finding (`nestready explain ID`)", finding);
	if (finding[0] != '\0' && !target_has(target, finding))
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: %s does not ask for %s", where,
		                 target, finding);
	if (json_integer_value(json_object_get(item, "points")) > RUBRIC_POINTS_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: points: expected at most %d", where,
		                 RUBRIC_POINTS_MAX);
	if (check_time(where, item, err) != 0 || check_platforms(where, item, "when", err) != 0)
		return -1;
	return check_platforms(where, item, "excused", err);
}

static int check(const json_t *rubric, struct error *err)
{
	size_t count = json_array_size(json_object_get(rubric, "items"));
	if (shape_check(shape_rubric, rubric, err) != 0 || check_targets(rubric, err) != 0 ||
	    check_time("top", rubric, err) != 0)
		return -1;
	if (count == 0 || count > RUBRIC_ITEMS_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "items: expected 1 to %d",
		                 RUBRIC_ITEMS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (check_item(rubric, i, err) != 0)
			return -1;
	}
	return 0;
}

json_t *rubric_read(const char *bytes, size_t length, struct error *err)
{
	json_t *rubric = intake_json(bytes, length, err);
	if (rubric == NULL || check(rubric, err) == 0)
		return rubric;
	json_decref(rubric);
	return NULL;
}

const char *rubric_target(const json_t *rubric, const json_t *item)
{
	const char *own = json_at_text(item, "target");
	const char *first =
	        json_string_value(json_array_get(json_object_get(rubric, "targets"), 0));
	return own[0] != '\0' ? own : first == NULL ? "" : first;
}

const char *rubric_title(const json_t *item)
{
	const char *own = json_at_text(item, "title");
	const struct finding_page *page = knowledge_finding(json_at_text(item, "finding"));
	if (own[0] != '\0')
		return own;
	if (page != NULL)
		return page->title;
	return strcmp(json_at_text(item, "verdict"), "ready") == 0
	               ? "the verdict is ready"
	               : "the verdict is degraded or better";
}

static const json_t *own_or_common(const json_t *rubric, const json_t *item, const char *key)
{
	const json_t *own = json_object_get(item, key);
	return own != NULL ? own : json_object_get(rubric, key);
}

int64_t rubric_deadline(const json_t *rubric, const json_t *item)
{
	const char *word = json_string_value(own_or_common(rubric, item, "deadline"));
	return word == NULL ? -1 : word_time_ms(word);
}

int64_t rubric_late_percent(const json_t *rubric, const json_t *item)
{
	return json_integer_value(own_or_common(rubric, item, "late_percent"));
}

const json_t *rubric_item(const json_t *rubric, const char *id)
{
	const json_t *items = json_object_get(rubric, "items");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		if (strcmp(json_at_text(item, "id"), id) == 0)
			return item;
	}
	return NULL;
}
