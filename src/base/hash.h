/* SPDX-License-Identifier: MIT
 *
 * Hashes that are part of what lockdag promises: a finding's id is built from lockdag_hash_*, so
 * these must never change between versions (docs/report-json.md).
 */
#ifndef LOCKDAG_HASH_H
#define LOCKDAG_HASH_H

#include <stddef.h>
#include <stdint.h>

#define LOCKDAG_HASH_SEED 0xcbf29ce484222325u

/* FNV-1a, 64 bits (Fowler, Noll, Vo), over n bytes, going on from hash. */
static inline uint64_t lockdag_hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash;
}

/* The same over a string and its terminating zero, so that "ab","c" and "a","bc" differ. */
static inline uint64_t lockdag_hash_string(uint64_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3u;
	return hash * 0x100000001b3u;
}

/* A 64-bit finaliser with full avalanche (the constants are those of MurmurHash3). */
static inline uint64_t lockdag_hash_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdu;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

#endif
