/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See selection.h. */
#include "worker/selection.h"

#include <stdlib.h>
#include <string.h>

const struct probe *selection_find(const struct probe *const *registry, const char *id,
                                   size_t length)
{
	for (; *registry != NULL; registry++)
		if (strncmp((*registry)->id, id, length) == 0 && (*registry)->id[length] == '\0')
			return *registry;
	return NULL;
}

/* Fails on the first word of the list that is no probe's id. */
static int check_list(const struct probe *const *registry, const char *list, struct error *err)
{
	while (list != NULL) {
		size_t length = strcspn(list, ",");
		if (selection_find(registry, list, length) == NULL)
			return error_set(err, ERROR_USAGE, 0, "unknown probe \"%.*s\"", (int)length,
			                 list);
		list = list[length] == ',' ? list + length + 1 : NULL;
	}
	return 0;
}

static bool lists(const char *list, const char *id)
{
	size_t wanted = strlen(id);
	while (list != NULL) {
		size_t length = strcspn(list, ",");
		if (length == wanted && memcmp(list, id, length) == 0)
			return true;
		list = list[length] == ',' ? list + length + 1 : NULL;
	}
	return false;
}

static bool is_wanted(const struct probe *probe, const char *only)
{
	if (only == NULL)
		return (probe->flags & PROBE_BY_NAME) == 0;
	return lists(only, probe->id);
}

int selection_make(struct selection *selection, const struct probe *const *registry,
                   const char *only, const char *skip, struct error *err)
{
	*selection = (struct selection){ 0 };
	if (check_list(registry, only, err) != 0 || check_list(registry, skip, err) != 0)
		return -1;
	size_t known = 0;
	while (registry[known] != NULL)
		known++;
	selection->probes = calloc(known + 1, sizeof(*selection->probes));
	if (selection->probes == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < known; i++)
		if (is_wanted(registry[i], only) && !lists(skip, registry[i]->id))
			selection->probes[selection->count++] = registry[i];
	return 0;
}

void selection_clear(struct selection *selection)
{
	free(selection->probes);
	*selection = (struct selection){ 0 };
}
