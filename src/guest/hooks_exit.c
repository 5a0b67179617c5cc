/* SPDX-License-Identifier: MIT
 *
 * The end of the program. exit runs the handlers of atexit and the destructors of static objects; who
 * calls it meanwhile waits for ever (glibc 2.41; before, and by the standards, anything may happen). So
 * exit is a lock that its first caller keeps, and the handlers run with it held.
 *
 * A return from main goes to exit behind our hooks: each handler is wrapped, for that, in one that takes the
 * lock. What dlclose runs of them runs under the loader's lock instead.
 */
#include "guest/misuse.h"

#include <stdlib.h>

#include "guest/hooks.h"

#define REAL(name) (guest_reals()->name)

#define EXIT_HANDLERS 2048

static const struct guest_pseudo exit_lock = GUEST_PSEUDO(3, LOCKDAG_LOCK_EXIT, "exit_lock");

static void exit_begin(struct guest_site site)
{
	struct guest_wait w;

	if (guest_pseudo_begin(&w, &exit_lock, 0, site))
		guest_wait_end(&w, true);
}

/* ------------------------------------------------------------------ handlers */

static struct exit_handler {
	void (*function)(void *);
	void (*function_status)(int, void *);
	void *argument;
} exit_handlers[EXIT_HANDLERS];
static uint32_t exit_n_handlers;

static struct exit_handler *exit_new_handler(void *argument)
{
	uint32_t n = lockdag_load_relaxed(&exit_n_handlers);

	if (!guest_ready() || n >= EXIT_HANDLERS)
		return NULL;
	n = lockdag_add_relaxed(&exit_n_handlers, 1);
	if (n >= EXIT_HANDLERS)
		return NULL;
	exit_handlers[n].argument = argument;
	return &exit_handlers[n];
}

static void exit_run(struct exit_handler *h, int status)
{
	struct lockdag_block *t = guest_ready();
	struct guest_wait w;
	bool held = t && !guest_loader_runs(t) &&
		guest_pseudo_begin(&w, &exit_lock, GUEST_TRY, GUEST_SITE());

	if (held)
		guest_wait_end(&w, true);
	if (h->function_status)
		h->function_status(status, h->argument);
	else
		h->function(h->argument);
	if (held && guest_ready() == t)
		guest_release(t, exit_lock.object, LOCKDAG_N_LOCK_TYPES);
}

static void exit_run_plain(void *handler)
{
	exit_run(handler, 0);
}

static void exit_run_status(int status, void *handler)
{
	exit_run(handler, status);
}

GUEST_EXPORT int __cxa_atexit(void (*function)(void *), void *argument, void *module);
GUEST_EXPORT int __cxa_atexit(void (*function)(void *), void *argument, void *module)
{
	struct exit_handler *h = exit_new_handler(argument);

	if (!h)
		return REAL(__cxa_atexit)(function, argument, module);
	h->function = function;
	return REAL(__cxa_atexit)(exit_run_plain, h, module);
}

GUEST_EXPORT int on_exit(void (*function)(int, void *), void *argument)
{
	struct exit_handler *h = exit_new_handler(argument);

	if (!h)
		return REAL(on_exit)(function, argument);
	h->function_status = function;
	return REAL(on_exit)(exit_run_status, h);
}

/* ------------------------------------------------------------------ the end */

/* Only where it was called and how it went: what is still held when all handlers have run is looked at
 * then, for they may release it. */
GUEST_EXPORT void exit(int status)
{
	struct lockdag_block *t = guest_ready();

	if (t && t->top != t->held)
		guest_misuse_exit_called(t, GUEST_SITE());
	guest_process.exit_ip = GUEST_IP();
	guest_process.exit_fails = status != 0;
	if (t)
		exit_begin(GUEST_SITE());
	REAL(exit)(status);
	__builtin_unreachable();
}

GUEST_EXPORT void quick_exit(int status)
{
	if (guest_ready())
		exit_begin(GUEST_SITE());
	REAL(quick_exit)(status);
	__builtin_unreachable();
}

/* A program that gives up with an error does so wherever it is: that is no misuse. */
__attribute__((destructor(101))) static void exit_end(void)
{
	struct lockdag_block *t = guest_ready();

	if (t && !guest_process.exit_fails)
		guest_misuse_exit(t);
}
