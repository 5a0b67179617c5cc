/* SPDX-License-Identifier: MIT
 *
 * Where an offset lies in a type: the member path, down to a lock or to the deepest member.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TYPES_MAX_DEPTH 16
#define TYPES_MAX_DIMENSIONS 8

/* Types a path stops at: what a person calls the lock is the variable of this type. The last rows
 * are no locks, but what else is waited for. One that ends in "<" is a template. */
static const char *const types_locks[] = {"pthread_mutex_t", "pthread_rwlock_t",
	"pthread_spinlock_t", "sem_t", "mtx_t", "mutex", "timed_mutex", "recursive_mutex",
	"recursive_timed_mutex", "shared_mutex", "shared_timed_mutex", "GMutex", "_GMutex",
	"GRecMutex", "_GRecMutex", "GRWLock", "_GRWLock", "GStaticMutex", "pthread_cond_t", "cnd_t",
	"condition_variable", "condition_variable_any", "once_flag", "pthread_once_t",
	"pthread_barrier_t", "GCond", "_GCond", "GOnce", "_GOnce", "GStaticRecMutex",
	"GStaticRWLock", "counting_semaphore<"};

/* What one thread waits for and another tells. */
static const char *const types_events[] = {"pthread_cond_t", "cnd_t", "condition_variable",
	"condition_variable_any", "GCond", "_GCond", "sem_t", "counting_semaphore<"};

/* Structs made of a mutex, a condition and a flag are called this: people say `bus_idle`, not
 * `bus_idle.cond`, when they wait for `struct completion bus_idle`. */
static const char *const types_completions[] = {"completion", "event", "latch"};

struct types_owner {
	Dwarf_Die die;     /* a struct, class or union on the way */
	const char *alias; /* the typedef it was reached through, for one without a name */
	size_t at;         /* length of path.classes where it begins */
	size_t full_at;    /* and of path.full */
};

struct types_walk {
	struct sym_path *p;
	struct types_owner owners[TYPES_MAX_DEPTH + 1];
	size_t n_owners;
	int depth;
	bool event; /* it ends at what is waited for */
};

enum types_found { TYPES_NOTHING, TYPES_DEEPEST, TYPES_LOCK };

static enum types_found types_walk(struct types_walk *w, Dwarf_Die *type, uint64_t offset);

static bool types_is_in(const char *name, const char *const *list, size_t n_list)
{
	for (size_t i = 0; i < n_list; i++) {
		size_t n = strlen(list[i]);

		if (list[i][n - 1] == '<' ? !strncmp(name, list[i], n) : !strcmp(name, list[i]))
			return true;
	}
	return false;
}

static bool types_is_of(Dwarf_Die *type, const char *const *list, size_t n_list)
{
	Dwarf_Die die = *type;

	for (int i = 0; i < TYPES_MAX_DEPTH; i++) {
		const char *name = dwarf_diename(&die);
		int tag = dwarf_tag(&die);

		if (sym_die_is_pointer(&die) || tag == DW_TAG_array_type)
			return false;
		if (name && types_is_in(name, list, n_list))
			return true;
		if (sym_die_is_class(&die)) {
			/* clang's stub of a type unit has no name */
			if (name || !sym_die_peel(&die, &die) || !dwarf_diename(&die))
				return false;
		} else if (tag == DW_TAG_base_type || !sym_die_type(&die, &die)) {
			return false;
		}
	}
	return false;
}

bool sym_type_is_lock(Dwarf_Die *type)
{
	return types_is_of(type, types_locks, LOCKDAG_ARRAY_SIZE(types_locks));
}

static bool types_is_event(Dwarf_Die *type)
{
	return types_is_of(type, types_events, LOCKDAG_ARRAY_SIZE(types_events));
}

static bool types_ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && !strcasecmp(s + n - k, end);
}

/* "completion", "my_completion_t", "CountDownLatch" */
static bool types_is_completion_name(const char *name)
{
	size_t n = strlen(name);
	char word[128];

	if (n > 2 && types_ends_in(name, "_t"))
		n -= 2;
	if (n >= sizeof(word))
		return false;
	memcpy(word, name, n);
	word[n] = 0;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(types_completions); i++) {
		if (types_ends_in(word, types_completions[i]))
			return true;
	}
	return false;
}

bool sym_lock_like_name(const char *name)
{
	size_t n = strlen(name);
	char word[128];

	if (n > 2 && n < sizeof(word) && types_ends_in(name, "_t")) { /* "os_lock_t" */
		memcpy(word, name, n - 2);
		word[n - 2] = 0;
		return sym_lock_like_name(word);
	}
	if (strcasestr(name, "mutex") || strcasestr(name, "spinlock") ||
		strcasestr(name, "criticalsection") || strcasestr(name, "critical_section") ||
		!strncmp(name, "std::", 5) || !strncmp(name, "__gnu_cxx::", 11))
		return true;
	if (types_ends_in(name, "mtx") || types_ends_in(name, "_lk") || !strcmp(name, "lk"))
		return true;
	return types_ends_in(name, "lock") && !types_ends_in(name, "block") &&
	       !types_ends_in(name, "clock");
}

/* Words that methods of a class are called by which takes and gives back a lock, and of what such a class may
 * tell about itself besides. "unlock" goes before "lock", which it has in it. */
static const char *const types_gives[] = {"unlock", "release", "leave", "exit", "drop", "give"};
static const char *const types_takes[] = {"lock", "acquire", "enter", "take", "grab", "obtain"};
static const char *const types_tells[] = {"try", "own", "held", "hold", "assert", "name", "native",
	"handle", "depth", "count", "debug", "site"};

static bool types_has_word(const char *name, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasestr(name, words[i]))
			return true;
	}
	return false;
}

/* A constructor, a destructor, an operator: every class may have those. */
static bool types_is_special(Dwarf_Die *method, const char *name, const char *class)
{
	size_t n = class ? strcspn(class, "<") : 0;

	return sym_die_flag(method, DW_AT_artificial) || name[0] == '~' ||
	       !strncmp(name, "operator", 8) ||
	       (n && !strncmp(name, class, n) && (!name[n] || name[n] == '<'));
}

/* Is the member to be used by everybody? The default is public in a struct, not in a class. */
static bool types_is_public(Dwarf_Die *member, Dwarf_Die *class)
{
	Dwarf_Attribute mem, *attr = dwarf_attr(member, DW_AT_accessibility, &mem);
	Dwarf_Word word;

	if (!attr || dwarf_formudata(attr, &word))
		return dwarf_tag(class) != DW_TAG_class_type;
	return word == DW_ACCESS_public;
}

/* What is in a class, for sym_type_only_locks(). */
struct types_content {
	int locks, takes, gives;
	bool others; /* it does other things, or others use what is in it */
};

static void types_look_at(struct types_content *c, Dwarf_Die *child, Dwarf_Die *class)
{
	const char *name = dwarf_diename(child);
	Dwarf_Die type;

	if (dwarf_tag(child) == DW_TAG_member && !sym_die_flag(child, DW_AT_external)) {
		if (sym_die_type(child, &type) && sym_type_is_lock(&type))
			c->locks++;
		else
			c->others |= types_is_public(child, class);
	} else if (dwarf_tag(child) == DW_TAG_inheritance) {
		c->others = true;
	} else if (dwarf_tag(child) == DW_TAG_subprogram && name &&
		   !types_is_special(child, name, dwarf_diename(class))) {
		if (types_has_word(name, types_gives, LOCKDAG_ARRAY_SIZE(types_gives)))
			c->gives++;
		else if (types_has_word(name, types_takes, LOCKDAG_ARRAY_SIZE(types_takes)))
			c->takes++;
		else
			c->others |= !types_has_word(
				name, types_tells, LOCKDAG_ARRAY_SIZE(types_tells));
	}
}

bool sym_type_only_locks(Dwarf_Die *class)
{
	struct types_content c = {0};
	Dwarf_Die child;

	if (!sym_die_child(class, &child))
		return false;
	do {
		types_look_at(&c, &child, class);
	} while (!c.others && sym_die_next(&child));
	return !c.others && c.locks == 1 && c.takes && c.gives;
}

bool sym_member_offset(Dwarf_Die *member, uint64_t *ret)
{
	Dwarf_Attribute mem, *attr = dwarf_attr(member, DW_AT_data_member_location, &mem);
	Dwarf_Word word;
	Dwarf_Op *ops;
	size_t n;

	if (!attr) {
		if (dwarf_hasattr(member, DW_AT_data_bit_offset))
			return false;
		*ret = 0; /* a union's */
		return true;
	}
	if (!dwarf_formudata(attr, &word)) {
		*ret = word;
		return true;
	}
	if (dwarf_getlocation(attr, &ops, &n) || n != 1 || ops[0].atom != DW_OP_plus_uconst)
		return false;
	*ret = ops[0].number;
	return true;
}

/* From at to the next member, or to the end of the class. */
static bool types_room(Dwarf_Die *class, uint64_t at, uint64_t *ret_size)
{
	uint64_t end, next;
	Dwarf_Die member;

	if (!sym_type_size(class, &end) || end <= at || !sym_die_child(class, &member))
		return false;
	do {
		if (dwarf_tag(&member) == DW_TAG_member && !sym_die_flag(&member, DW_AT_external) &&
			sym_member_offset(&member, &next) && next > at && next < end)
			end = next;
	} while (sym_die_next(&member));
	*ret_size = end - at;
	return true;
}

/* Where a member is and how long. clang only declares a class whose constructors are elsewhere
 * (std::condition_variable): then it takes the room there is. A virtual base has no constant place:
 * taken to be at the end of the object, where both compilers put a single one. */
static bool types_member(Dwarf_Die *class, Dwarf_Die *member, Dwarf_Die *ret_type, uint64_t *ret_at,
	uint64_t *ret_size)
{
	uint64_t size, all;

	if (!sym_die_type(member, ret_type))
		return false;
	if (!sym_type_size(ret_type, &size))
		return sym_member_offset(member, ret_at) && types_room(class, *ret_at, ret_size);
	*ret_size = size;
	if (sym_member_offset(member, ret_at))
		return true;
	if (dwarf_tag(member) != DW_TAG_inheritance || !dwarf_hasattr(member, DW_AT_virtuality) ||
		!sym_type_size(class, &all) || all < size)
		return false;
	*ret_at = all - size;
	return true;
}

/* "struct slot slots[]" at the end of a struct: as long as the memory is. */
static bool types_is_flexible(Dwarf_Die *type, uint64_t size)
{
	Dwarf_Die array;

	return !size && sym_die_peel(type, &array) && dwarf_tag(&array) == DW_TAG_array_type;
}

/* A member's name as the program knows it; NULL: it has none there. What libstdc++ and libc++ call the
 * insides of their templates (std::array's elements, std::optional's value) is not the program's. */
static const char *types_member_name(Dwarf_Die *member)
{
	const char *name = dwarf_tag(member) == DW_TAG_member ? dwarf_diename(member) : NULL;

	return name && (!strncmp(name, "_M_", 3) || !strcmp(name, "__elems_")) ? NULL : name;
}

static enum types_found types_try_member(
	struct types_walk *w, Dwarf_Die *class, Dwarf_Die *member, uint64_t offset)
{
	size_t full = w->p->full.n, classes = w->p->classes.n, owners = w->n_owners;
	const char *name = types_member_name(member);
	enum types_found found;
	uint64_t at, size;
	Dwarf_Die type;

	if (!types_member(class, member, &type, &at, &size) || offset < at ||
		(offset - at >= size && !types_is_flexible(&type, size)))
		return TYPES_NOTHING;
	if (name) {
		lockdag_text_addf(&w->p->full, ".%s", name);
		lockdag_text_addf(&w->p->classes, ".%s", name);
	}
	found = types_walk(w, &type, offset - at);
	if (found != TYPES_LOCK) {
		w->p->full.n = full;
		w->p->classes.n = classes;
		w->n_owners = owners;
	}
	return found;
}

/* Of several members at one place (unions, empty bases) the one that leads to a lock. */
static enum types_found types_walk_class(struct types_walk *w, Dwarf_Die *class, uint64_t offset)
{
	Dwarf_Die member, first;
	bool any = false;

	if (!sym_die_child(class, &member))
		return TYPES_DEEPEST;
	do {
		int tag = dwarf_tag(&member);
		enum types_found found;

		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
			sym_die_flag(&member, DW_AT_external) ||
			sym_die_flag(&member, DW_AT_declaration))
			continue;
		found = types_try_member(w, class, &member, offset);
		if (found == TYPES_LOCK)
			return found;
		if (found == TYPES_DEEPEST && !any) {
			any = true;
			first = member;
		}
	} while (sym_die_next(&member));
	/* No lock here: name the deepest member of the first that covers it. */
	if (any) {
		const char *name = types_member_name(&first);
		uint64_t at, size;
		Dwarf_Die type;

		if (!types_member(class, &first, &type, &at, &size))
			return TYPES_DEEPEST;
		if (name) {
			lockdag_text_addf(&w->p->full, ".%s", name);
			lockdag_text_addf(&w->p->classes, ".%s", name);
		}
		types_walk(w, &type, offset - at);
	}
	return TYPES_DEEPEST;
}

static enum types_found types_walk_array(struct types_walk *w, Dwarf_Die *array, uint64_t offset)
{
	uint64_t dimensions[TYPES_MAX_DIMENSIONS], size, index, stride = 1;
	size_t n = 0;
	Dwarf_Die element, range;

	if (!sym_die_type(array, &element) || !sym_type_size(&element, &size) || !size)
		return TYPES_NOTHING;
	if (sym_die_child(array, &range)) {
		do {
			if (dwarf_tag(&range) == DW_TAG_subrange_type && n < TYPES_MAX_DIMENSIONS)
				dimensions[n++] = sym_array_dimension(&range);
		} while (sym_die_next(&range));
	}
	for (size_t i = 1; i < n; i++)
		stride *= dimensions[i] ? dimensions[i] : 1;
	index = offset / size;
	for (size_t i = 0; i < n; i++) {
		lockdag_text_addf(
			&w->p->full, "[%llu]", (unsigned long long)(stride ? index / stride : 0));
		lockdag_text_add(&w->p->classes, "[]");
		index = stride ? index % stride : 0;
		if (i + 1 < n && dimensions[i + 1])
			stride /= dimensions[i + 1];
	}
	return types_walk(w, &element, offset % size);
}

/* Where Rust keeps what changes behind its back: what of a lock lies below it is no matter to anybody. */
static bool types_is_cell(Dwarf_Die *type)
{
	const char *name = dwarf_diename(type);

	return name && !strncmp(name, "UnsafeCell<", 11);
}

static enum types_found types_walk(struct types_walk *w, Dwarf_Die *type, uint64_t offset)
{
	const char *alias = NULL;
	enum types_found found;
	Dwarf_Die die;

	if (w->depth >= TYPES_MAX_DEPTH)
		return TYPES_DEEPEST;
	if (!offset && types_is_cell(type))
		return TYPES_LOCK;
	if (sym_type_is_lock(type)) {
		w->p->lock = offset == 0;
		w->event = types_is_event(type);
		return w->p->lock ? TYPES_LOCK : TYPES_DEEPEST;
	}
	if (dwarf_tag(type) == DW_TAG_typedef)
		alias = dwarf_diename(type);
	if (!sym_die_peel(type, &die))
		return TYPES_NOTHING;
	w->depth++;
	if (dwarf_tag(&die) == DW_TAG_array_type) {
		found = types_walk_array(w, &die, offset);
	} else if (sym_die_is_class(&die)) {
		w->owners[w->n_owners++] =
			(struct types_owner){die, alias, w->p->classes.n, w->p->full.n};
		found = types_walk_class(w, &die, offset);
		if (found != TYPES_LOCK)
			w->n_owners--;
	} else {
		found = TYPES_DEEPEST;
	}
	w->depth--;
	return found;
}

static const char *types_owner_name(struct lockdag_symbols *s, struct types_owner *o)
{
	const char *name = sym_die_qualified(s, &o->die);

	return name ? name : sym_string(s, o->alias);
}

static void types_terminate(struct lockdag_text *t)
{
	if (t->s)
		t->s[t->n] = 0; /* walks that led nowhere were cut off again */
	else
		lockdag_text_add(t, "");
}

/* Has the class exactly one thing to wait for, and the name of what people make for that? */
static bool types_is_completion(const char *name, Dwarf_Die *class)
{
	Dwarf_Die member, type;
	int events = 0;

	if (!types_is_completion_name(name) || !sym_die_child(class, &member))
		return false;
	do {
		events += dwarf_tag(&member) == DW_TAG_member &&
			  !sym_die_flag(&member, DW_AT_external) && sym_die_type(&member, &type) &&
			  types_is_event(&type);
	} while (sym_die_next(&member));
	return events == 1;
}

/* A completion's condition is called as the completion; its mutex keeps its own name. */
static void types_cut_completion(struct lockdag_symbols *s, struct types_walk *w)
{
	struct types_owner *o = w->n_owners ? &w->owners[w->n_owners - 1] : NULL;
	const char *name = o && w->event ? types_owner_name(s, o) : NULL;

	if (!name || !types_is_completion(name, &o->die))
		return;
	w->p->classes.n = o->at;
	w->p->full.n = o->full_at;
	types_terminate(&w->p->classes);
	types_terminate(&w->p->full);
}

/* Is the class one lock with something round it: class SpinLock, struct named_mutex? */
static bool types_is_wrapper(const char *name, Dwarf_Die *class)
{
	Dwarf_Die member, type;
	size_t n = strcspn(name, "<");
	char word[128]; /* without what a template is given */
	int locks = 0;

	if (n >= sizeof(word))
		return false;
	memcpy(word, name, n);
	word[n] = 0;
	if (!strncmp(word, "std::", 5) || !sym_die_child(class, &member))
		return false;
	if (!sym_lock_like_name(word))
		return sym_type_only_locks(class);
	do {
		locks += dwarf_tag(&member) == DW_TAG_member &&
			 !sym_die_flag(&member, DW_AT_external) && sym_die_type(&member, &type) &&
			 sym_type_is_lock(&type);
	} while (sym_die_next(&member));
	return locks == 1;
}

/* A wrapped lock is called as the wrapper is: `g_index`, not `g_index.impl`. */
static void types_cut_wrapper(struct lockdag_symbols *s, struct types_walk *w)
{
	struct types_owner *o = w->n_owners && !w->event ? &w->owners[w->n_owners - 1] : NULL;
	const char *name = o ? types_owner_name(s, o) : NULL;

	if (!name || !types_is_wrapper(name, &o->die))
		return;
	w->p->classes.n = o->at;
	w->p->full.n = o->full_at;
	types_terminate(&w->p->classes);
	types_terminate(&w->p->full);
}

/* The key's part: from the innermost named struct outwards, past those that only wrap a lock
 * (class SpinLock): they would make all locks of the program one class. */
static void types_choose_owner(struct lockdag_symbols *s, struct types_walk *w)
{
	const char *classes = w->p->classes.s ? w->p->classes.s : "";
	size_t end = w->p->classes.n;
	const char *wrapper = NULL;

	for (size_t i = w->n_owners; i-- > 0;) {
		const char *name = types_owner_name(s, &w->owners[i]);
		size_t at = w->owners[i].at;

		if (!name)
			continue;
		if (sym_lock_like_name(name) || types_is_completion(name, &w->owners[i].die) ||
			sym_type_only_locks(&w->owners[i].die)) {
			if (!wrapper)
				wrapper = sym_stringf(s, "%s%s", name, classes + at);
			if (at && !types_is_completion(name, &w->owners[i].die))
				end = at;
			continue;
		}
		w->p->member = sym_stringf(s, "%s%.*s", name, (int)(end - at), classes + at);
		return;
	}
	w->p->member = wrapper;
	w->p->wrapper = wrapper != NULL;
}

void sym_path_clear(struct sym_path *p)
{
	lockdag_text_clear(&p->full);
	lockdag_text_clear(&p->classes);
	*p = (struct sym_path){0};
}

bool sym_type_path(struct lockdag_symbols *s, Dwarf_Die *type, uint64_t offset, struct sym_path *p)
{
	struct types_walk w = {.p = p};
	enum types_found found;

	*p = (struct sym_path){0};
	found = types_walk(&w, type, offset);
	types_terminate(&p->full);
	types_terminate(&p->classes);
	if (found == TYPES_NOTHING || p->full.failed || p->classes.failed) {
		sym_path_clear(p);
		return false;
	}
	p->lock = found == TYPES_LOCK;
	if (p->lock) {
		types_cut_completion(s, &w);
		types_choose_owner(s, &w);
		types_cut_wrapper(s, &w);
	}
	return true;
}
