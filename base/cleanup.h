/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ownership by scope: `cleanup_free char *text = ...` frees at the end of the
 * block on every path.
 */
#ifndef NESTREADY_BASE_CLEANUP_H
#define NESTREADY_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_fd_(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file_(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static inline void cleanup_dir_(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_)))
#define cleanup_fd   __attribute__((cleanup(cleanup_fd_)))
#define cleanup_file __attribute__((cleanup(cleanup_file_)))
#define cleanup_dir  __attribute__((cleanup(cleanup_dir_)))

#endif
