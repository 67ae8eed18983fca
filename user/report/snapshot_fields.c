// SPDX-License-Identifier: GPL-2.0-only
/* snapshot_fields.c - one field of a record, to JSON and back.
 *
 * Reading is strict: a wrong type, a number out of range, a name that is not in the
 * table are errors. Numbers that JSON cannot hold, and byte strings, are hexadecimal. */
#include "report/snapshot_fields.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* Both architectures keep the kernel in the upper half of the address space; nothing
 * else that is stored in such a field (a process id, a number of a file) is there. */
#define IS_KERNEL_ADDRESS(n) ((n) >> 63)

static __u64 load_uint(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const __u8 *)p;
	case 2:
		return *(const __u16 *)p;
	case 4:
		return *(const __u32 *)p;
	default:
		return *(const __u64 *)p;
	}
}

static void store_uint(void *p, size_t size, __u64 n)
{
	switch (size) {
	case 1:
		*(__u8 *)p = n;
		break;
	case 2:
		*(__u16 *)p = n;
		break;
	case 4:
		*(__u32 *)p = n;
		break;
	default:
		*(__u64 *)p = n;
	}
}

/* ---- kernel addresses ---- */

static int compare_id(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

int snapshot_fields_collect(struct snapshot_ids *ids, const struct snapshot_field *fields,
			    const void *record)
{
	for (const struct snapshot_field *f = fields; f->name; f++) {
		__u64 id;

		if (f->type != SNAPSHOT_ID)
			continue;
		id = load_uint((const char *)record + f->offset, f->size);
		if (IS_KERNEL_ADDRESS(id) && array_push(&ids->v, id))
			return -ENOMEM;
	}
	return 0;
}

void snapshot_fields_ids_sort(struct snapshot_ids *ids)
{
	size_t n = 0;

	if (!ids->v.n)
		return;
	qsort(ids->v.v, ids->v.n, sizeof(*ids->v.v), compare_id);
	for (size_t i = 0; i < ids->v.n; i++)
		if (!n || ids->v.v[n - 1] != ids->v.v[i])
			ids->v.v[n++] = ids->v.v[i];
	ids->v.n = n;
}

static __u64 number_of(const struct snapshot_ids *ids, __u64 id)
{
	const __u64 *at;

	if (!IS_KERNEL_ADDRESS(id) || !ids->v.n)
		return id;
	at = bsearch(&id, ids->v.v, ids->v.n, sizeof(id), compare_id);
	return at ? (__u64)(at - ids->v.v) + 1 : id;
}

/* ---- writing ---- */

static json_t *encode_uint(__u64 n)
{
	return n <= INT64_MAX ? json_integer((json_int_t)n) : json_sprintf("0x%llx", n);
}

static json_t *encode_uints(const __u64 *v, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, encode_uint(v[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *encode_numbers(const struct snapshot_numbers *numbers)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < numbers->n; i++) {
		if (json_array_append_new(array, json_integer(numbers->v[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *encode_text(const char *text, size_t len)
{
	size_t size = 4 * len + 1;
	_cleanup_free_ char *safe = malloc(size);

	return safe ? json_string(escape_name(safe, size, text, len, true)) : NULL;
}

static json_t *encode_hex(const unsigned char *v, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	_cleanup_free_ char *hex = malloc(2 * n + 1);

	if (!hex)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[v[i] >> 4];
		hex[2 * i + 1] = digits[v[i] & 15];
	}
	return json_stringn_nocheck(hex, 2 * n);
}

static bool is_zero(const void *p, size_t size)
{
	const unsigned char *s = p;

	while (size && !*s)
		size--, s++;
	return !size;
}

static json_t *encode_field(const struct snapshot_ids *ids, const struct snapshot_field *f,
			    const void *p)
{
	const struct snapshot_bytes *bytes = p;

	switch (f->type) {
	case SNAPSHOT_UINT:
		return encode_uint(load_uint(p, f->size));
	case SNAPSHOT_INT:
		return json_integer(f->size == 4 ? *(const __s32 *)p : *(const __s64 *)p);
	case SNAPSHOT_BOOL:
		return json_boolean(*(const bool *)p);
	case SNAPSHOT_ID:
		return encode_uint(ids ? number_of(ids, load_uint(p, f->size))
				       : load_uint(p, f->size));
	case SNAPSHOT_TEXT:
		return encode_text(p, f->size);
	case SNAPSHOT_STRING:
		return encode_text(*(char *const *)p, strlen(*(char *const *)p));
	case SNAPSHOT_HEX:
		return encode_hex(p, f->size);
	case SNAPSHOT_UINTS:
		return encode_uints(p, f->size / sizeof(__u64));
	case SNAPSHOT_BYTES:
		return encode_hex(bytes->v, bytes->n);
	case SNAPSHOT_NUMBERS:
		return encode_numbers(p);
	}
	return NULL;
}

json_t *snapshot_fields_encode(const struct snapshot_ids *ids, const struct snapshot_field *fields,
			       const void *record)
{
	json_t *object = json_object();

	for (const struct snapshot_field *f = fields; object && f->name; f++) {
		const char *p = (const char *)record + f->offset;

		if (is_zero(p, f->size))
			continue;
		if (json_object_set_new_nocheck(object, f->name, encode_field(ids, f, p))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* ---- reading ---- */

static bool decode_uint(const json_t *value, size_t size, void *ret)
{
	const char *text = json_string_value(value);
	__u64 n, most = size == 8 ? UINT64_MAX : (1ull << (8 * size)) - 1;
	size_t digits;

	if (json_is_integer(value)) {
		if (json_integer_value(value) < 0)
			return false;
		n = (__u64)json_integer_value(value);
	} else {
		if (!text || strncmp(text, "0x", 2))
			return false;
		digits = strspn(text + 2, "0123456789abcdefABCDEF");
		if (!digits || digits > 16 || text[2 + digits] ||
		    json_string_length(value) != 2 + digits)
			return false;
		n = strtoull(text, NULL, 16);
	}
	if (n > most)
		return false;
	store_uint(ret, size, n);
	return true;
}

static bool decode_int(const json_t *value, size_t size, void *ret)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || (size == 4 && (n < INT32_MIN || n > INT32_MAX)))
		return false;
	store_uint(ret, size, (__u64)n);
	return true;
}

static bool decode_uints(const json_t *value, size_t n, __u64 *ret)
{
	if (!json_is_array(value) || json_array_size(value) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!decode_uint(json_array_get(value, i), sizeof(*ret), &ret[i]))
			return false;
	return true;
}

/* At most size - 1 bytes, none of them NUL. */
static bool decode_text(const json_t *value, size_t size, char *ret)
{
	size_t n;

	if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
		return false;
	if (!escape_undo(ret, size - 1, json_string_value(value), &n))
		return false;
	ret[n] = '\0';
	return strlen(ret) == n;
}

static bool decode_hex(const json_t *value, size_t n, unsigned char *ret)
{
	const char *hex = json_string_value(value);

	if (!hex || json_string_length(value) != 2 * n ||
	    strspn(hex, "0123456789abcdefABCDEF") != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char pair[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ret[i] = strtoul(pair, NULL, 16);
	}
	return true;
}

/* Room for a string of the object; -EINVAL when it is none. */
static int decode_allocated(const struct snapshot_field *f, const json_t *value, void *p)
{
	size_t size = json_string_length(value) + 1;
	_cleanup_free_ char *text = NULL;
	struct snapshot_bytes *bytes = p;

	if (!json_is_string(value))
		return -EINVAL;
	text = calloc(1, size);
	if (!text)
		return -ENOMEM;
	if (f->type == SNAPSHOT_STRING) {
		if (!decode_text(value, size, text))
			return -EINVAL;
		*(char **)p = TAKE_PTR(text);
		return 0;
	}
	if (!decode_hex(value, (size - 1) / 2, (unsigned char *)text))
		return -EINVAL;
	bytes->n = (size - 1) / 2;
	bytes->v = (unsigned char *)TAKE_PTR(text);
	return 0;
}

static int decode_numbers(const json_t *value, struct snapshot_numbers *ret)
{
	size_t n = json_array_size(value);
	_cleanup_free_ __u32 *v = NULL;

	if (!json_is_array(value) || n > SNAPSHOT_NUMBERS_MAX)
		return -EINVAL;
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!decode_uint(json_array_get(value, i), sizeof(*v), &v[i]))
			return -EINVAL;
	ret->n = n;
	ret->v = TAKE_PTR(v);
	return 0;
}

static int decode_field(const struct snapshot_field *f, const json_t *value, void *p)
{
	bool good = false;

	switch (f->type) {
	case SNAPSHOT_UINT:
	case SNAPSHOT_ID:
		good = decode_uint(value, f->size, p);
		break;
	case SNAPSHOT_INT:
		good = decode_int(value, f->size, p);
		break;
	case SNAPSHOT_BOOL:
		good = json_is_boolean(value);
		*(bool *)p = json_is_true(value);
		break;
	case SNAPSHOT_TEXT:
		good = decode_text(value, f->size, p);
		break;
	case SNAPSHOT_HEX:
		good = decode_hex(value, f->size, p);
		break;
	case SNAPSHOT_UINTS:
		good = decode_uints(value, f->size / sizeof(__u64), p);
		break;
	case SNAPSHOT_STRING:
	case SNAPSHOT_BYTES:
		return decode_allocated(f, value, p);
	case SNAPSHOT_NUMBERS:
		return decode_numbers(value, p);
	}
	return good ? 0 : -EINVAL;
}

static int complain(char **ret_error, const char *name, const char *what)
{
	char safe[128];

	escape_name(safe, sizeof(safe), name, strlen(name), true);
	return asprintf(ret_error, "\"%s\" %s", safe, what) < 0 ? -ENOMEM : -EINVAL;
}

static const struct snapshot_field *field_of(const struct snapshot_field *fields, const char *name)
{
	while (fields->name && strcmp(fields->name, name))
		fields++;
	return fields->name ? fields : NULL;
}

int snapshot_fields_decode(const struct snapshot_field *fields, const json_t *object, void *record,
			   char **ret_error)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)object, name, value) {
		const struct snapshot_field *f = field_of(fields, name);
		int err;

		if (!strcmp(name, "kind"))
			continue;
		if (!f)
			return complain(ret_error, name, "is no field that is known here");
		err = decode_field(f, value, (char *)record + f->offset);
		if (err)
			return err == -EINVAL ? complain(ret_error, name, "has a wrong value")
					      : err;
	}
	return 0;
}

void snapshot_fields_release(const struct snapshot_field *fields, void *record)
{
	for (const struct snapshot_field *f = fields; f->name; f++) {
		void *p = (char *)record + f->offset;

		if (f->type == SNAPSHOT_STRING) {
			free(*(char **)p);
			*(char **)p = NULL;
		} else if (f->type == SNAPSHOT_BYTES) {
			free(((struct snapshot_bytes *)p)->v);
			*(struct snapshot_bytes *)p = (struct snapshot_bytes){};
		} else if (f->type == SNAPSHOT_NUMBERS) {
			free(((struct snapshot_numbers *)p)->v);
			*(struct snapshot_numbers *)p = (struct snapshot_numbers){};
		}
	}
}
