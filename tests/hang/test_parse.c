/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hang/internal.h"

static void test_stat(void **state)
{
	struct hang_process p = {0};
	char letter;

	(void)state;
	assert_true(hang_parse_stat("4711 (a) S (b)) D 12 4711 4700 0 -1 4194304 1 0 0 0 5 6 0 0 20 0 "
				    "3 0 123456 1 1",
		&p, &letter));
	assert_string_equal(p.name, "a) S (b)");
	assert_int_equal(letter, 'D');
	assert_int_equal(p.ppid, 12);
	assert_int_equal(p.session, 4700);
	assert_int_equal(p.start_ticks, 123456);
	assert_false(hang_parse_stat("4711 (a", &p, &letter));
	assert_false(hang_parse_stat("", &p, &letter));
}

static void test_syscall(void **state)
{
	struct hang_sample s = {0};

	(void)state;
	assert_true(hang_parse_syscall("202 0x7f00 0x80 0x2 0x0 0x5 0x6 0x7ffc 0x7f12\n", &s));
	assert_int_equal(s.nr, 202);
	assert_int_equal(s.args[0], 0x7f00);
	assert_int_equal(s.args[5], 6);
	assert_int_equal(s.sp, 0x7ffc);
	assert_int_equal(s.pc, 0x7f12);
	assert_false(s.running);
	assert_true(hang_parse_syscall("running\n", &s));
	assert_true(s.running);
	assert_int_equal(s.nr, -1);
	assert_true(hang_parse_syscall("-1 0x7ffc 0x7f12\n", &s));
	assert_int_equal(s.sp, 0x7ffc);
	assert_false(hang_parse_syscall("202 0x7f00\n", &s));
	assert_false(hang_parse_syscall("", &s));
}

static void test_status(void **state)
{
	struct hang_status s;

	(void)state;
	hang_parse_status("Name:\tx\nState:\tS (sleeping)\nTracerPid:\t8\nUid:\t1000\t0\t0\t0\n"
			  "NSpid:\t4711\t12\nSigCgt:\t0000000180000002\n"
			  "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n",
		&s);
	assert_int_equal(s.state, 'S');
	assert_int_equal(s.tracer, 8);
	assert_int_equal(s.uid, 1000);
	assert_int_equal(s.ns_tid, 12);
	assert_int_equal(s.caught, 0x180000002);
	assert_int_equal(s.switches, 15);
	assert_int_equal(s.voluntary, 12);
	hang_parse_status("State:", &s);
	assert_int_equal(s.switches, 0);
}

static void test_handlers(void **state)
{
	struct hang_process p = {.caught = UINT64_C(0x180000000)};

	(void)state;
	assert_false(hang_has_handlers(&p)); /* the C library's own */
	p.caught |= 1u << 14;
	assert_true(hang_has_handlers(&p));
}

static void test_region(void **state)
{
	struct hang_region r;

	(void)state;
	assert_true(hang_parse_region("7f00-8f00 r-xs 00001000 08:01 1234          /usr/x y.so", &r));
	assert_int_equal(r.start, 0x7f00);
	assert_int_equal(r.end, 0x8f00);
	assert_int_equal(r.offset, 0x1000);
	assert_true(r.shared && r.exec && !r.write);
	assert_string_equal(r.path, "/usr/x y.so");
	assert_true(hang_parse_region("7f00-8f00 rw-p 00000000 00:00 0 ", &r));
	assert_null(r.path);
	assert_true(r.write && !r.shared);
	assert_false(hang_parse_region("8f00-7f00 rw-p 00000000 00:00 0 ", &r));
	assert_false(hang_parse_region("7f00", &r));
}

static void test_lock(void **state)
{
	struct hang_lock_line l;

	(void)state;
	assert_true(hang_parse_lock("\t1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF", &l));
	assert_true(l.type == HANG_FLOCK && l.write && !l.waits && l.pid == 359);
	assert_int_equal(l.inode, 11691);
	assert_true(l.end == UINT64_MAX);
	assert_true(hang_parse_lock("2: -> POSIX  ADVISORY  READ  7 08:01:99 10 19", &l));
	assert_true(l.type == HANG_POSIX && !l.write && l.waits);
	assert_true(l.start == 10 && l.end == 19);
	assert_true(hang_parse_lock("2: OFDLCK ADVISORY  READ  -1 08:01:99 10 19", &l));
	assert_true(l.type == HANG_OFD);
	assert_false(hang_parse_lock("2: LEASE  ACTIVE    READ  7 08:01:99 0 EOF", &l));
	assert_false(hang_parse_lock("nothing", &l));
}

static void test_timeouts(void **state)
{
	struct hang_sample futex = {.nr = 202}, poll = {.nr = 7, .args = {0, 1, (uint64_t)-1}};

	(void)state;
	assert_int_equal(hang_call(202), HANG_CALL_FUTEX);
	assert_false(hang_call_is_timed(&futex));
	futex.args[3] = 0x7ffc;
	assert_true(hang_call_is_timed(&futex));
	assert_false(hang_call_is_timed(&poll));
	poll.args[2] = 100;
	assert_true(hang_call_is_timed(&poll));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_syscall),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_handlers),
		cmocka_unit_test(test_region),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_timeouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
