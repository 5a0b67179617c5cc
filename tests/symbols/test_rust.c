/* SPDX-License-Identifier: MIT
 *
 * Rust's names. The names of version 0 are put together by hand after the grammar of Rust RFC 2603,
 * the older ones after what rustc makes of such items.
 */
#include "symbols/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void is(const char *mangled, const char *wanted)
{
	struct lockdag_text text = {0};

	if (!sym_demangle_rust(mangled, &text))
		fail_msg("%s: not decoded", mangled);
	if (strcmp(text.s, wanted))
		fail_msg("%s: %s, not %s", mangled, text.s, wanted);
	lockdag_text_clear(&text);
}

static void is_none(const char *mangled)
{
	struct lockdag_text text = {0};

	if (sym_demangle_rust(mangled, &text))
		fail_msg("%s: decoded as %s", mangled, text.s);
	assert_null(text.s);
}

static void test_paths(void **state)
{
	(void)state;
	is("_RNvC6_123foo3bar", "123foo::bar"); /* "_" before a digit */
	is("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar");
	is("_RNvNtNtC1a1b1c1d", "a::b::c::d");
	is("_RNCNvC1a4main0", "a::main::{closure#0}");
	is("_RNCNCNvC1a4mains_0s1_0", "a::main::{closure#1}::{closure#3}");
	is("_RNSC1a6vtable", "a::{shim:vtable#0}");
	is("_RNvMC1aNtB2_5Guard3new", "<a::Guard>::new");
	is("_RNvMs4_C1aNtB5_5Guard3new", "<a::Guard>::new");
	is("_RNvXC1aNtB2_5GuardNtNtC4core3ops4Drop4drop", "<a::Guard as core::ops::Drop>::drop");
	is("_RNvYNtC1a5GuardNtB4_4Lock4lock", "<a::Guard as a::Lock>::lock");
	is("_RNvC1a4FOO_.llvm.1234", "a::FOO_");
	is("_RNvC1a3foo.cold", "a::foo");
}

static void test_generics_and_types(void **state)
{
	(void)state;
	is("_RINvC1a3fooE", "a::foo::<>");
	is("_RINvC1a3foolE", "a::foo::<i32>");
	is("_RINvC1a3foolEC1b", "a::foo::<i32>"); /* made for b */
	is("_RINvC1a3fooINtC1a3VecNtC1a4ItemEE", "a::foo::<a::Vec<a::Item>>");
	is("_RINvC1a3fooReQhPtOyE", "a::foo::<&str, &mut u8, *const u16, *mut u64>");
	is("_RINvC1a3fooTETlETlmEE", "a::foo::<(), (i32,), (i32, u32)>");
	is("_RINvC1a3fooAhj10_SbE", "a::foo::<[u8; 16], [bool]>");
	is("_RINvC1a3fooFEuFlmEbFUKChElE",
		"a::foo::<fn(), fn(i32, u32) -> bool, unsafe extern \"C\" fn(u8) -> i32>");
	is("_RINvC1a3fooFK8rust_abihEuE", "a::foo::<extern \"rust-abi\" fn(u8)>");
	is("_RINvC1a3fooDNtC1a5TraitEL_E", "a::foo::<dyn a::Trait>");
	is("_RINvC1a3fooDNtC1a5TraitNtC1a4SendEL_E", "a::foo::<dyn a::Trait + a::Send>");
	is("_RINvC1a3fooDNtC1a4Iterp4ItemhEL_E", "a::foo::<dyn a::Iter<Item = u8>>");
	is("_RINvC1a3fooDINtC1a2FnTlEEp6OutputuEL_E", "a::foo::<dyn a::Fn<(i32,), Output = ()>>");
	is("_RINvC1a3fooFG_RL0_hEuE", "a::foo::<for<'a> fn(&'a u8)>");
	is("_RINvC1a3fooL_E", "a::foo::<'_>");
}

static void test_backward_references(void **state)
{
	(void)state;
	is("_RINvC1a3fooNtB2_4ItemE", "a::foo::<a::Item>");
	is("_RINvC1a3fooNtB2_4ItemB9_E", "a::foo::<a::Item, a::Item>");
	/* a trait's path that has arguments goes on with its types */
	is("_RINvC1a3fooINtC1a2FnlEDB9_p6OutputuEL_E",
		"a::foo::<a::Fn<i32>, dyn a::Fn<i32, Output = ()>>");
}

static void test_constants(void **state)
{
	(void)state;
	is("_RINvC1a3fooKj0_E", "a::foo::<0>");
	is("_RINvC1a3fooKlna_E", "a::foo::<-10>");
	is("_RINvC1a3fooKb1_Kb0_E", "a::foo::<true, false>");
	is("_RINvC1a3fooKc61_Kca_Kc27_E", "a::foo::<'a', '\\u{a}', '\\''>");
	is("_RINvC1a3fooKpE", "a::foo::<_>");
	is("_RINvC1a3fooKo123456789abcdef01_E", "a::foo::<0x123456789abcdef01>");
	is("_RINvC1a3fooKRe616263_E", "a::foo::<{\"abc\"}>");
	is("_RINvC1a3fooKRAh1_h2_EE", "a::foo::<{&[1, 2]}>");
	is("_RINvC1a3fooKVNtNtC1a3Opt4NoneUE", "a::foo::<{a::Opt::None}>");
	is("_RINvC1a3fooKVNtNtC1a3Opt4SomeTj7_EE", "a::foo::<{a::Opt::Some(7,)}>");
	is("_RINvC1a3fooKVNtC1a1PS1xj1_1yj2_EE", "a::foo::<{a::P { x: 1, y: 2 }}>");
}

static void test_letters_of_the_world(void **state)
{
	(void)state;
	is("_RNvC1au8gdel_5qa", "a::g\xc3\xb6"
				"del");
	is("_RNvC1au9bcher_kva", "a::b\xc3\xbc"
				 "cher");
	is("_RNvC1au3tda", "a::\xc3\xbc");
}

static void test_older_names(void **state)
{
	(void)state;
	is("_ZN1a4main17h1854dee5fd9945b4E", "a::main");
	is("_ZN1a1A17hbd35ac37b44c405aE", "a::A");
	is("_ZN1a4main28_$u7b$$u7b$closure$u7d$$u7d$17h090c9ec1e66c54a7E", "a::main::{{closure}}");
	is("_ZN50_$LT$a..Guard$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE",
		"<a::Guard as core::ops::drop::Drop>::drop");
	is("_ZN1a3foo17h0123456789abcdefE.llvm.99", "a::foo");
	is("_ZN1a10f$RF$$BP$x17h0123456789abcdefE", "a::f&*x");
	is("_ZN1a6f$XX$y17h0123456789abcdefE", "a::f$XX$y");
}

static void test_names_of_others(void **state)
{
	static const char *const names[] = {"", "_", "_R", "_Z", "main", "_Z3foov", "_ZN3foo3barEv",
		"_ZN3foo3bar17hxyzE", "_ZN3foo17h0123456789abcdefEv", "_RC", "_Rx", "_RNv",
		"_RNvC1a", "_RNvC1a9foo", "_RNvC1a3foo!", "_RB_", "_RNvB_3foo", "_RNvC1aB9_",
		"_Read", "_RNC", "_RINvC1a3foo", "_RINvC1a3fool", "_RINvC1a3fooKj_",
		"_RINvC1a3fooKb2_E", "_RINvC1a3fooKc110000_E", "_RINvC1a3fooKcd800_E", "_RNvC1au1_",
		"_RNvC1au3___", "_RNvC1a99999999999999999999999foo",
		"_RNvCszzzzzzzzzzzzzzzzzz_1a3foo", "_RINvC1a3fooFGzzzzzzz_EuE", "_RINvC1a3fooL5_E"};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(names); i++)
		is_none(names[i]);
}

/* Every cut of a right name, and one with each letter changed, ends; what is made of it is no
 * matter. */
static void test_cut_and_damaged(void **state)
{
	static const char name[] =
		"_RNvXs1_INtC1a3VecRDINtC1a2FnTlEEp6OutputuEL_EKVNtC1a1PS1xj1_EFG_RL0_hEu"
		"NtNtC4core3ops4Drop4drop";
	char text[sizeof(name)];

	(void)state;
	for (size_t i = 0; i < sizeof(name) - 1; i++) {
		for (unsigned c = 0; c < 128; c++) {
			struct lockdag_text out = {0};

			memcpy(text, name, sizeof(name));
			text[i] = (char)c;
			sym_demangle_rust(text, &out);
			lockdag_text_clear(&out);
		}
	}
}

/* Pairs of pairs: each part is the one before twice. */
static char *pairs(int depth)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct lockdag_text name = {0};
	char *text;

	lockdag_text_add(&name, "_RINvC1a3foo");
	for (size_t i = 0, before = 0; i <= (size_t)depth; i++) {
		size_t at = name.n - 2; /* the first letter behind "_R" is 0 */
		char to[8] = "l";

		if (i && before - 1 < 62)
			snprintf(to, sizeof(to), "B%c_", digits[before - 1]);
		else if (i)
			snprintf(to, sizeof(to), "B%c%c_", digits[(before - 1) / 62],
				digits[(before - 1) % 62]);
		lockdag_text_addf(&name, "T%s%sE", to, to);
		before = at;
	}
	lockdag_text_add(&name, "E");
	text = lockdag_text_take(&name);
	assert_non_null(text);
	return text;
}

static void test_exponential(void **state)
{
	struct lockdag_text out = {0};
	char *name = pairs(2);

	(void)state;
	is(name, "a::foo::<(i32, i32), ((i32, i32), (i32, i32)), "
		 "(((i32, i32), (i32, i32)), ((i32, i32), (i32, i32)))>");
	free(name);
	name = pairs(60);
	assert_false(sym_demangle_rust(name, &out));
	free(name);
}

static void test_deep(void **state)
{
	struct lockdag_text name = {0}, out = {0};

	(void)state;
	lockdag_text_add(&name, "_RINvC1a3foo");
	for (int i = 0; i < 100000; i++)
		lockdag_text_add(&name, "R");
	lockdag_text_add(&name, "lE");
	assert_false(sym_demangle_rust(name.s, &out));
	lockdag_text_clear(&name);
}

static void test_through_the_room(void **state)
{
	struct lockdag_symbols *s;

	(void)state;
	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	assert_string_equal(sym_demangled(s, "_RNvC1a3bar"), "a::bar");
	assert_string_equal(sym_function_name(s, "_RINvC1a3foolE"), "a::foo::<i32>");
	assert_string_equal(sym_function_name(s, "_ZN1a4main17h1854dee5fd9945b4E"), "a::main");
	assert_string_equal(sym_function_name(s, "_RNvCbroken"), "_RNvCbroken");
	assert_string_equal(sym_function_name(s, "_Z1fi"), "f");
	lockdag_symbols_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_generics_and_types),
		cmocka_unit_test(test_backward_references),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_letters_of_the_world),
		cmocka_unit_test(test_older_names),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_cut_and_damaged),
		cmocka_unit_test(test_exponential),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_through_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
