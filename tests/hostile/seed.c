// SPDX-License-Identifier: GPL-2.0-only
/* seed.c - the good file that hostile ones are made of: code that runs wherever it is mapped
 *
 * Small, with unwind information, symbols, DWARF, an inlined call. Not linked with anything.
 */
static inline __attribute__((always_inline)) int seed_inner(void *mutex, int (*lock)(void *))
{
	int err = lock(mutex);

	__asm__ volatile("" ::: "memory");
	return err;
}

#ifdef NAME /* what a hostile linker would call it */
int seed_entry(void *mutex, int (*lock)(void *)) __asm__(NAME);
#endif
int seed_entry(void *mutex, int (*lock)(void *));
int seed_entry(void *mutex, int (*lock)(void *))
{
	int err = seed_inner(mutex, lock);

	__asm__ volatile("" ::: "memory");
	return err;
}
