// SPDX-License-Identifier: GPL-2.0-only
/* test_function.c - bare names of functions, and patterns for them. */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/stack.h"
#include "analyze/function.h"

static const struct {
	const char *name, *bare;
} names[] = {
	{ "", "" },
	{ "main", "main" },
	{ "pthread_mutex_lock@@GLIBC_2.34", "pthread_mutex_lock" },
	{ "read@plt", "read" },
	{ "__GI___libc_read", "__libc_read" },
	{ "serve.constprop.0", "serve" },
	{ "serve.isra.0.part.1.cold", "serve" },
	{ "runtime.futex.abi0", "runtime.futex" },
	{ "main.partition", "main.partition" },
	{ "worker(int) [clone .cold]", "worker" },
	{ "f [clone .llvm.12345]", "f" },
	/* C++ */
	{ "std::mutex::lock()", "std::mutex::lock" },
	{ "std::__1::mutex::lock()", "std::mutex::lock" },
	{ "std::__cxx11::basic_string<char>::c_str() const", "std::basic_string::c_str" },
	{ "std::_V2::condition_variable_any::wait", "std::condition_variable_any::wait" },
	{ "void std::__invoke_impl<void, void (*)()>(std::__invoke_other, void (*&&)())",
	  "std::__invoke_impl" },
	{ "std::enable_if<(1 > 0), int>::type user::run<int>(int)", "user::run" },
	{ "unsigned long user::count()", "user::count" },
	{ "decltype(auto) user::run<int>(int)", "user::run" },
	{ "decltype (f(1)) std::__1::__invoke[abi:v15006]<void (*)()>(void (*&&)())",
	  "std::__invoke" },
	{ "(anonymous namespace)::Pool::take(int)", "::Pool::take" },
	{ "db::(anonymous namespace)::take(int)", "db::::take" },
	{ "main::{lambda()#1}::operator()() const", "main::::operator" },
	{ "std::ostream& std::operator<< <char>(std::ostream&, char const*)", "std::operator" },
	{ "user::operator bool() const", "user::operator" },
	{ "user::operators::run(int)", "user::operators::run" },
	{ "char const* user::name(int)", "user::name" },
	/* Rust, both manglings */
	{ "std::thread::park::h0123456789abcdef", "std::thread::park" },
	{ "prog::h0123456789abcdeX", "prog::h0123456789abcdeX" },
	{ "<std::sys::sync::Mutex as core::ops::Drop>::drop", "std::sys::sync::Mutex::drop" },
	{ "<T as core::convert::Into<U>>::into", "core::convert::Into::into" },
	{ "<&mut prog::Foo as core::fmt::Write>::write", "prog::Foo::write" },
	{ "<&prog::Foo>::run", "prog::Foo::run" },
	{ "<alloc::boxed::Box<dyn core::ops::FnOnce<(), Output = ()>> as "
	  "core::ops::FnOnce<()>>::call_once",
	  "alloc::boxed::Box::call_once" },
	{ "<fn() -> prog::T as core::ops::FnOnce<()>>::call_once", "core::ops::FnOnce::call_once" },
	{ "prog::main::{{closure}}", "prog::main::" },
	/* others */
	{ "void java.util.concurrent.locks.LockSupport.park(java.lang.Object)",
	  "java.util.concurrent.locks.LockSupport.park" },
	{ "sync.(*Mutex).Lock", "sync." },
	/* hostile: nothing closes, or opens */
	{ "<", "" },
	{ "<<<<a as b", "" },
	{ "f<<<<g", "f" },
	{ "std::>>>)))", "std::>>>)))" },
	{ "operator", "operator" },
};

Test(function, what_is_left_of_a_name)
{
	char bare[STACK_NAME_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		function_bare(names[i].name, bare, sizeof(bare));
		cr_expect_str_eq(bare, names[i].bare, "%s is \"%s\", not \"%s\"", names[i].name,
				 bare, names[i].bare);
	}
}

Test(function, a_long_name_is_cut)
{
	char bare[8];

	function_bare("a_very_long_name", bare, sizeof(bare));
	cr_expect_str_eq(bare, "a_very_");
	function_bare("std::__1::mutex", bare, sizeof(bare));
	cr_expect_str_eq(bare, "std::__");
}

static const struct {
	const char *pattern, *text;
	bool matches;
} patterns[] = {
	{ "read", "read", true },
	{ "read", "reads", false },
	{ "read", "rea", false },
	{ "read*", "read", true },
	{ "read*", "readv", true },
	{ "*lock", "unlock", true },
	{ "*lock", "locks", false },
	{ "a*c*e", "abcde", true },
	{ "a*c*e", "abcdef", false },
	{ "*", "", true },
	{ "", "a", false },
	{ "read write", "write", true },
	{ "read write", "read", true },
	{ "read write", "read write", false },
	{ "read* write", "reads", true },
	{ "*ab", "aab", true },
	{ "std::*::lock", "std::a::b::lock", true },
	{ "std::*::lock", "std::lock", false },
};

Test(function, patterns)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		cr_expect_eq(function_matches(patterns[i].pattern, patterns[i].text),
			     patterns[i].matches, "%s ~ %s", patterns[i].pattern, patterns[i].text);
}
