/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a certificate and its key. */
#ifndef NESTREADY_COLLECTOR_TLS_H
#define NESTREADY_COLLECTOR_TLS_H

#include "base/error.h"
#include "base/text.h"
#include "collector/settings.h"

/* 0; or -1 and *err, which names the file. */
int tls_read(const struct settings *settings, struct text *certificate, struct text *key,
             struct error *err);

#endif
