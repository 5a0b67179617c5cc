/* SPDX-License-Identifier: MIT */
#ifndef LOCKDAG_CLI_MODEL_H
#define LOCKDAG_CLI_MODEL_H

#include "core/core.h"

/* Is it a file that is no text? */
bool cli_is_session(const char *path);

/* Reads a model in its text form; "-" is stdin. 0 or 125 after a message. */
int cli_model_parse(const char *path, struct lockdag_model **ret_model);

#endif
