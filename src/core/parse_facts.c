/* SPDX-License-Identifier: MIT
 *
 * Records of the model's text form that say something about threads and locks besides what was asked for.
 */
#include <errno.h>
#include <string.h>

#include "core/parse.h"
#include "core/text_form.h"

struct parse_order_row {
	struct lockdag_order order;
	uint32_t phases[2];
};

int parse_order(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_REF("from", parse_order_row, order.from_thread, PARSE_THREAD),
		SPEC_REF("to", parse_order_row, order.to_thread, PARSE_THREAD),
		SPEC("phase", PARSE_SPAN, parse_order_row, phases),
		SPEC("since", PARSE_U32, parse_order_row, order.to_phase), SPEC_END};
	struct parse_order_row row = {0};
	uint32_t given = 0;
	int r = parse_fields(p, 1, specs, &row, &given);

	if (!r && (given & 3u) != 3u)
		r = lex_error(
			&p->lex, p->lex.fields.items[0].column, "\"order\" needs from= and to=");
	if (r)
		return r;
	row.order.from_first = row.phases[0];
	row.order.from_last = row.phases[1];
	r = lockdag_model_add_order(p->m, &row.order);
	return r < 0 ? r : 0;
}

int parse_guard(struct parse *p)
{
	struct lex_field *f = p->lex.fields.items;
	struct lockdag_held lock;
	uint32_t thread;
	int r;

	if (p->lex.fields.n != 3 || f[1].key || f[2].key)
		return lex_error(
			&p->lex, f[0].column, "\"guard\" takes a thread and a lock, no more");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &thread);
	if (!r)
		r = parse_lock_use(p, &f[2], &lock);
	if (!r && (lock.flags || lock.stack != LOCKDAG_NONE))
		r = lex_error(&p->lex, f[2].column, "a guard has no ! or @");
	if (!r)
		r = lockdag_model_add_guard(p->m, thread, lock.lock, lock.serial, lock.mode);
	return r < 0 ? r : 0;
}

/* An acquire's label, or its number. */
static int parse_acquire_ref(struct parse *p, const struct lex_field *f, uint32_t *ret_acquire)
{
	uint64_t n;

	if (!parse_number(f->value, UINT32_MAX, &n) || n >= p->m->acquires.n)
		return parse_ref(p, f, f->value, PARSE_ACQUIRE, ret_acquire);
	*ret_acquire = (uint32_t)n;
	return 0;
}

int parse_blocked(struct parse *p)
{
	const struct lex_field *f = p->lex.fields.items;
	uint32_t thread, acquire;
	int r;

	if (p->lex.fields.n != 3 || f[1].key || f[2].key)
		return lex_error(
			&p->lex, f[0].column, "\"blocked\" takes a thread and an acquire, no more");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &thread);
	if (!r)
		r = parse_acquire_ref(p, &f[2], &acquire);
	if (r)
		return r;
	r = lockdag_model_add_blocked(p->m, thread, acquire);
	return r < 0 ? r : 0;
}

int parse_ended(struct parse *p)
{
	const struct lex_field *f = p->lex.fields.items;
	uint32_t acquire;
	uint64_t discharge;
	int r;

	if (p->lex.fields.n != 3 || f[1].key || f[2].key)
		return lex_error(
			&p->lex, f[0].column, "\"ended\" takes an acquire and a discharge, no more");
	r = parse_acquire_ref(p, &f[1], &acquire);
	if (r)
		return r;
	if (!parse_number(f[2].value, UINT32_MAX, &discharge) || discharge >= p->m->discharges.n)
		return lex_error(&p->lex, f[2].column, "no discharge \"%.40s\"", f[2].value);
	r = lockdag_model_add_ended(p->m, acquire, (uint32_t)discharge);
	if (r == -EINVAL)
		return lex_error(&p->lex, f[1].column, "\"%.40s\" is no wait", f[1].value);
	return r < 0 ? r : 0;
}

int parse_misuse(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_WORDS("rule", PARSE_WORD, lockdag_misuse, rule, lockdag_words_misuses),
		SPEC_REF("lock", lockdag_misuse, lock, PARSE_LOCK),
		SPEC_REF("stack", lockdag_misuse, stack, PARSE_STACK),
		SPEC_REF("with", lockdag_misuse, with, PARSE_LOCK),
		SPEC_REF("other", lockdag_misuse, other_thread, PARSE_THREAD),
		SPEC_REF("other-stack", lockdag_misuse, other_stack, PARSE_STACK),
		SPEC_REF("other-with", lockdag_misuse, other_with, PARSE_LOCK),
		SPEC("reading", PARSE_SET, lockdag_misuse, reading), SPEC_END};
	struct lockdag_misuse row = {.stack = LOCKDAG_NONE,
		.with = LOCKDAG_NONE,
		.other_thread = LOCKDAG_NONE,
		.other_stack = LOCKDAG_NONE,
		.other_with = LOCKDAG_NONE};
	struct lex_field *f = p->lex.fields.items;
	uint32_t given = 0;
	int r;

	if (p->lex.fields.n < 2 || f[1].key)
		return lex_error(&p->lex, f[0].column, "\"misuse\" needs a thread");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &row.thread);
	if (!r)
		r = parse_fields(p, 2, specs, &row, &given);
	if (!r && (given & 3u) != 3u)
		r = lex_error(&p->lex, f[0].column, "\"misuse\" needs rule= and lock=");
	if (!r)
		r = lockdag_model_add_misuse(p->m, &row);
	return r < 0 ? r : 0;
}

int parse_fork(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_REF("process", lockdag_fork, process, PARSE_PROCESS),
		SPEC("number", PARSE_U32, lockdag_fork, number),
		SPEC("phase", PARSE_U32, lockdag_fork, phase),
		SPEC_REF("stack", lockdag_fork, stack, PARSE_STACK), SPEC_END};
	struct lockdag_fork row = {.number = 1, .stack = LOCKDAG_NONE};
	struct lex_field *f = p->lex.fields.items;
	uint32_t given = 0;
	size_t k = 2;
	int r;

	p->held.n = 0;
	if (p->lex.fields.n < 2 || f[1].key)
		return lex_error(&p->lex, f[0].column, "\"fork\" needs a thread");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &row.thread);
	if (!r && k < p->lex.fields.n && !f[k].key && !strcmp(f[k].value, "holds"))
		k++;
	for (; !r && k > 2 && k < p->lex.fields.n && !f[k].key; k++) {
		struct lockdag_held *h = lockdag_vec_push(&p->held);

		r = h ? parse_lock_use(p, &f[k], h) : -ENOMEM;
	}
	if (!r)
		r = parse_fields(p, k, specs, &row, &given);
	if (!r && (!(given & 1u) || p->m->threads.items[row.thread].process == row.process))
		r = lex_error(&p->lex, f[0].column,
			"\"fork\" needs process=, which is not the thread's own");
	row.n_held = (uint32_t)p->held.n;
	if (!r)
		r = lockdag_model_add_fork(p->m, &row, p->held.items);
	return r < 0 ? r : 0;
}

int parse_declared(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC("before", PARSE_STRING, lockdag_declared, before),
		SPEC("after", PARSE_STRING, lockdag_declared, after), SPEC_END};
	struct lockdag_declared row = {0};
	int r = parse_fields(p, 1, specs, &row, NULL);

	if (r)
		return r;
	r = lockdag_model_add_declared(p->m, row.before, row.after);
	if (r == -EINVAL)
		return lex_error(&p->lex, p->lex.fields.items[0].column,
			"\"declared\" needs before= and after=, two names");
	return r < 0 ? r : 0;
}
