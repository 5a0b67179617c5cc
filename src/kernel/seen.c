/* SPDX-License-Identifier: MIT */
#include "kernel/seen.h"

#include <string.h>

#include "base/hash.h"

static uint64_t hash_text(uint64_t hash, const char *s)
{
	return lockdag_hash_string(hash, s ? s : "");
}

static bool link_known(const struct seen *seen, uint64_t hash)
{
	for (size_t i = 0; i < SEEN_LINKS && i < seen->n_links; i++)
		if (seen->links[i] == hash)
			return true;
	return false;
}

/* A chain by itself, all of whose links an earlier report of the file has shown, is quoted from it.
 */
static bool chain_quoted(struct seen *seen, const struct lockdag_splat *splat)
{
	bool bare = !splat->acquiring.class.name && !splat->comm, known = bare && splat->n_chain;

	for (size_t i = 0; i < splat->n_chain; i++) {
		uint64_t hash = hash_text(splat->chain[i].index, splat->chain[i].lock.class.name);

		if (link_known(seen, hash))
			continue;
		known = false;
		seen->links[seen->n_links++ % SEEN_LINKS] = hash;
	}
	return known;
}

bool seen_before(struct seen *seen, const struct lockdag_splat *splat, bool html)
{
	uint64_t hash = LOCKDAG_HASH_SEED;

	if (chain_quoted(seen, splat))
		return true;
	/* lockdep ends with its first; a task may hang again */
	if (!splat->acquiring.class.name)
		return false;
	hash = lockdag_hash_bytes(hash, &splat->kind, sizeof(splat->kind));
	hash = hash_text(hash_text(hash, splat->comm), splat->kernel);
	hash = lockdag_hash_bytes(hash, &splat->pid, sizeof(splat->pid));
	hash = hash_text(hash_text(hash, splat->acquiring.class.name), splat->acquiring.instance);
	hash = hash_text(hash_text(hash, splat->holding.class.name), splat->holding.instance);
	hash = lockdag_hash_bytes(hash, &splat->n_chain, sizeof(splat->n_chain));
	for (size_t i = 0; html && i < SEEN_REPORTS && i < seen->n_reports; i++)
		if (seen->reports[i] == hash)
			return true;
	seen->reports[seen->n_reports++ % SEEN_REPORTS] = hash;
	return false;
}
