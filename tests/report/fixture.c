/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct lockdag_report_facts fixture_facts = {
	.command = "./bank --threads 3",
	.processes = 1,
	.threads = 4,
	.classes = 2,
	.locks = 5,
	.edges = 3,
	.acquisitions = 12,
};

static uint32_t fixture_index(int row)
{
	assert_true(row >= 0);
	return (uint32_t)row;
}

void fixture_init(struct fixture *fx)
{
	memset(fx, 0, sizeof(*fx));
	assert_int_equal(lockdag_model_new(&fx->m), 0);
	assert_int_equal(lockdag_model_add_run(fx->m, "test"), 0);
	fx->process = fixture_index(lockdag_model_add_process(
		fx->m, &(struct lockdag_process){.run = 0, .pid = 4120, .name = "bank"}));
	fx->finding = (struct lockdag_finding){
		.kind = LOCKDAG_FINDING_CYCLE,
		.grade = LOCKDAG_POSSIBLE,
		.id = 0x9f3c21d07a52b1e4,
		.locks = fx->locks,
		.links = fx->links,
		.writer = LOCKDAG_NONE,
	};
	fx->findings.n = 1;
	fx->findings.items = &fx->finding;
	fx->findings.n_classes = 2;
	fx->findings.n_edges = 2;
}

void fixture_done(struct fixture *fx)
{
	lockdag_model_free(fx->m);
}

uint32_t fixture_thread(struct fixture *fx, const char *name, int32_t tid)
{
	return fixture_index(
		lockdag_model_add_thread(fx->m, &(struct lockdag_thread){.process = fx->process,
							.tid = tid,
							.name = name,
							.parent = LOCKDAG_NONE,
							.joiner = LOCKDAG_NONE}));
}

uint32_t fixture_stack(struct fixture *fx, const struct lockdag_frame *frames, size_t n)
{
	const uint64_t raw = 1;
	uint32_t stack = fixture_index(lockdag_model_add_stack(fx->m, &raw, 1));

	assert_int_equal(lockdag_model_describe_stack(fx->m, stack, frames, n), 0);
	return stack;
}

uint32_t fixture_row(struct fixture *fx, const char *name, enum lockdag_lock_type type,
	enum lockdag_birth_how how, const char *where)
{
	uint32_t birth =
		fixture_index(lockdag_model_add_birth(fx->m, &(struct lockdag_birth){.type = type,
								     .how = how,
								     .stack = LOCKDAG_NONE,
								     .name = name,
								     .where = where}));

	return fixture_index(lockdag_model_add_lock(fx->m, &(struct lockdag_lock){.birth = birth,
								   .process = fx->process,
								   .address = 0x1000 + 64 * birth,
								   .value = 1}));
}

void fixture_lock(struct fixture *fx, const char *name, enum lockdag_lock_type type,
	enum lockdag_birth_how how, const char *where)
{
	size_t i = fx->finding.n_locks++;

	assert_true(i < FIXTURE_MAX_LOCKS);
	fx->locks[i] = (struct lockdag_finding_lock){
		.lock = fixture_row(fx, name, type, how, where),
		.class_id = (uint32_t)i,
		.name = (char *)(uintptr_t)name,
		.key = (char *)(uintptr_t) "a key",
		.where = where,
		.type = type,
	};
	fx->links[i] = (struct lockdag_link){
		.from = (uint32_t)i,
		.to = 0,
		.exemplars = fx->exemplars[i],
		.context = (uint32_t)i,
	};
	if (i)
		fx->links[i - 1].to = (uint32_t)i;
}

void fixture_seen(struct fixture *fx, size_t i, const struct fixture_seen *seen)
{
	struct lockdag_held held[2] = {0};
	struct lockdag_acquire a = {
		.thread = seen->thread,
		.lock = fx->locks[fx->links[i].to].lock,
		.mode = seen->wait_mode,
		.flags = seen->wait_flags,
		.timeout_ms = seen->timeout_ms,
		.stack = seen->wait_stack,
	};
	size_t n = fx->links[i].n_exemplars++;

	assert_true(n < LOCKDAG_MAX_EXEMPLARS);
	if (seen->also) {
		held[a.n_held++] = (struct lockdag_held){
			.lock = seen->also - 1,
			.mode = seen->also_mode,
			.stack = seen->held_stack,
		};
	}
	held[a.n_held++] = (struct lockdag_held){
		.lock = fx->locks[i].lock,
		.mode = seen->held_mode,
		.flags = seen->held_flags,
		.stack = seen->held_stack,
	};
	fx->exemplars[i][n].held = a.n_held - 1;
	fx->exemplars[i][n].asked = a.n_held;
	fx->exemplars[i][n].discharge = LOCKDAG_NONE;
	fx->exemplars[i][n].acquire = fixture_index(lockdag_model_add_acquire(fx->m, &a, held));
}

uint32_t fixture_alone(
	struct fixture *fx, uint32_t lock, uint32_t thread, uint32_t stack, enum lockdag_mode mode)
{
	return fixture_index(lockdag_model_add_acquire(fx->m,
		&(struct lockdag_acquire){
			.thread = thread, .lock = lock, .mode = mode, .stack = stack},
		NULL));
}

void fixture_bank(struct fixture *fx)
{
	uint32_t move, move2, check, check2, transfer, audit;

	fixture_init(fx);
	fx->finding.title = (char *)(uintptr_t) "accounts[0].lock -> accounts[1].lock -> "
						"accounts[0].lock";
	fx->finding.reason = (char *)(uintptr_t) "two threads, the same two locks, no lock common "
						 "to both, neither before the other by create or "
						 "join";
	fixture_lock(fx, "accounts[0].lock", LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, "bank.c:12");
	fixture_lock(fx, "accounts[1].lock", LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_INIT, "bank.c:20");
	move = FIXTURE_STACK(fx, {"move", "bank.c", 41, "bank", 0x126f, false},
		{"worker", "pool.c", 120, "bank", 0x1400, false});
	move2 = FIXTURE_STACK(fx, {"move", "bank.c", 44, "bank", 0x1290, false},
		{"worker", "pool.c", 120, "bank", 0x1400, false});
	check = FIXTURE_STACK(fx, {"lock_row", "row.h", 7, "bank", 0x1320, true},
		{"check", "audit.c", 88, "bank", 0x1320, false},
		{NULL, NULL, 0, "libpool.so.1", 0x5a1, false});
	check2 = FIXTURE_STACK(fx, {"check", "audit.c", 93, "bank", 0x1350, false},
		{"g_pool_run", NULL, 0, "libpool.so.1", 0x5a1, false});
	transfer = fixture_thread(fx, "transfer-1", 4121);
	audit = fixture_thread(fx, "audit", 4123);
	fixture_seen(fx, 0,
		&(struct fixture_seen){
			.thread = transfer, .held_stack = move, .wait_stack = move2});
	fixture_seen(fx, 1,
		&(struct fixture_seen){.thread = audit, .held_stack = check, .wait_stack = check2});
	fixture_seen(fx, 1,
		&(struct fixture_seen){.thread = fixture_thread(fx, "audit", 4124),
			.held_stack = check,
			.wait_stack = check2});
	fixture_seen(fx, 1,
		&(struct fixture_seen){.thread = audit, .held_stack = check2, .wait_stack = check});
}

void fixture_seven(struct fixture *fx)
{
	static const struct {
		const char *name;
		enum lockdag_lock_type type;
		const char *function, *module;
		uint64_t offset;
		bool both; /* held for reading, too */
	} rows[] = {
		{"cpu_hotplug_lock.rw_sem", LOCKDAG_LOCK_RWLOCK, "apply_workqueue_attrs", NULL,
			0x17, true},
		{"cpuhp_state_mutex", LOCKDAG_LOCK_MUTEX, "__cpuhp_setup_state_cpuslocked", NULL,
			0x52, false},
		{"cpuhp_state", LOCKDAG_LOCK_MUTEX, "cpuhp_issue_call", NULL, 0x10b, false},
		{"(complete)&req.done", LOCKDAG_LOCK_MUTEX, "wait_for_common", NULL, 0x58, false},
		{"&sb->s_type->i_mutex_key#5", LOCKDAG_LOCK_RWLOCK, "handle_create", NULL, 0xcb,
			true},
		{"&mm->mmap_sem", LOCKDAG_LOCK_RWLOCK, "__might_fault", NULL, 0x68, true},
		{"&dev_priv->mm_lock", LOCKDAG_LOCK_MUTEX, "i915_gem_userptr_init__mmu_notifier",
			"i915", 0x14a, false},
	};
	enum lockdag_mode modes[8];

	fixture_init(fx);
	fx->finding.n_locks = 0;
	fx->finding.reason = (char *)(uintptr_t) "seven contexts, no lock common to two of them";
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		fixture_lock(fx, rows[i].name, rows[i].type, LOCKDAG_BIRTH_NAMED, NULL);
		modes[i] = rows[i].both ? LOCKDAG_READ : LOCKDAG_EXCLUSIVE;
	}
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		size_t to = (i + 1) % LOCKDAG_ARRAY_SIZE(rows);
		struct fixture_seen seen = {
			.thread = fixture_thread(
				fx, i == 6 ? "prime_mmap" : "kthread", (int32_t)(1545 + i)),
			.held_stack = FIXTURE_STACK(fx,
				{rows[i].function, NULL, 0, rows[i].module, rows[i].offset, false}),
			.wait_stack = FIXTURE_STACK(fx,
				{rows[to].function, NULL, 0, rows[to].module, rows[to].offset,
					false},
				{"ret_from_fork", NULL, 0, NULL, 0x27, false}),
			.held_mode = modes[i],
			.also = i == 6 ? 1 + fx->locks[5].lock : 0,
			.also_mode = LOCKDAG_READ,
		};

		fixture_seen(fx, i, &seen);
		if (rows[i].both)
			fixture_alone(fx, fx->locks[i].lock, seen.thread, seen.held_stack,
				LOCKDAG_EXCLUSIVE);
	}
}

static char *fixture_call(struct fixture *fx, enum lockdag_format format, bool one,
	const struct lockdag_report_facts *facts, const struct lockdag_report_options *options)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	if (one)
		assert_int_equal(
			lockdag_report_finding(out, format, fx->m, &fx->finding, options), 0);
	else
		assert_int_equal(
			lockdag_report_print(out, format, fx->m, &fx->findings, facts, options), 0);
	fclose(out);
	return text;
}

char *fixture_print(struct fixture *fx, enum lockdag_format format,
	const struct lockdag_report_facts *facts, const struct lockdag_report_options *options)
{
	return fixture_call(fx, format, false, facts, options);
}

char *fixture_print_one(struct fixture *fx, enum lockdag_format format,
	const struct lockdag_report_options *options)
{
	return fixture_call(fx, format, true, NULL, options);
}

void fixture_expect(const char *text, const char *name)
{
	char path[512], expected[65536];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/expected/%s", TEST_DIR, name);
	if (getenv("LOCKDAG_UPDATE_EXPECTED")) {
		file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(text, file) >= 0);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s: no such file", path);
	n = fread(expected, 1, sizeof(expected) - 1, file);
	fclose(file);
	expected[n] = 0;
	if (strcmp(text, expected) != 0)
		fail_msg("differs from %s:\n%s", path, text);
}

bool fixture_prints_one(enum lockdag_format format)
{
	return format == LOCKDAG_FORMAT_JSON || lockdag_format_traits(format) & LOCKDAG_FORMAT_LIVE;
}
