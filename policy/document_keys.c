/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"
#include "policy/document_in.h"
#include "policy/pubkey.h"
#include "policy/suggest.h"

#define RSA_LEAST 1024
#define RSA_MOST 16384

int64_t
policy_span(const char *s, size_t len)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000},
	    {'w', 604800000}};
	int64_t n = 0;
	size_t i;

	if (len < 2 || len > 10)
		return -1;
	for (i = 0; i < len - 1; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit == s[len - 1] && n > 0)
			return n * units[i].ms;
	}
	return -1;
}

static int
read_type(struct doc *d, const struct place *at, json_t *value, void *out)
{
	const char *names[PUBKEY_TYPE_COUNT], *near;
	const char *s = json_string_value(value);
	enum pubkey_type t;
	int i;

	t = pubkey_type_by_name(s, json_string_length(value));
	if (t != PUBKEY_TYPE_COUNT) {
		*(unsigned *)out |= 1u << t;
		return 0;
	}
	for (i = 0; i < PUBKEY_TYPE_COUNT; i++)
		names[i] = pubkey_type_name((enum pubkey_type)i);
	near = suggest((struct span){s, json_string_length(value)}, names,
	    PUBKEY_TYPE_COUNT);
	return doc_bad(d, at, false, "%.80s is no key type%s%s%s", s,
	    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
}

static int
read_types(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return doc_strings(d, at, value, false, read_type, out);
}

static int
read_bits(struct doc *d, const struct place *at, json_t *value, void *out)
{
	json_int_t n;

	if (!json_is_integer(value))
		return doc_type(d, at, "a number", value);
	n = json_integer_value(value);
	if (n < RSA_LEAST || n > RSA_MOST)
		return doc_bad(
		    d, at, false, "must be from %d to %d", RSA_LEAST, RSA_MOST);
	*(unsigned *)out = (unsigned)n;
	return 0;
}

static int
read_age(struct doc *d, const struct place *at, json_t *value, void *out)
{
	int64_t ms;

	if (!json_is_string(value))
		return doc_type(d, at, "a string such as \"365d\"", value);
	ms = policy_span(json_string_value(value), json_string_length(value));
	if (ms == -1)
		return doc_bad(d, at, false,
		    "needs a number over 0 and a "
		    "unit: s, m, h, d or w, such as 365d");
	*(int64_t *)out = ms;
	return 0;
}

static int
read_bool(struct doc *d, const struct place *at, json_t *value, void *out)
{
	if (!json_is_boolean(value))
		return doc_type(d, at, "true or false", value);
	*(bool *)out = json_is_true(value);
	return 0;
}

static int
read_fingerprint(
    struct doc *d, const struct place *at, json_t *value, void *out)
{
	struct policy_keys *keys = out;

	if (!denylist_fingerprint_ok(
		json_string_value(value), json_string_length(value)))
		return doc_bad(d, at, false,
		    "needs a fingerprint as "
		    "ssh-keygen -l prints it: SHA256: and 43 characters");
	/* read_deny made room for all. */
	memcpy(keys->deny[keys->ndeny++], json_string_value(value),
	    KEYREC_FP_LEN + 1);
	return 0;
}

static int
compare_fingerprints(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* out is the whole of struct policy_keys: a list is two of its fields. */
static int
read_deny(struct doc *d, const struct place *at, json_t *value, void *out)
{
	struct policy_keys *keys = out;
	size_t n = json_array_size(value);

	if (n != 0 && (keys->deny = calloc(n, sizeof(*keys->deny))) == NULL)
		return doc_no_memory(d);
	if (doc_strings(d, at, value, true, read_fingerprint, keys) == -1)
		return -1;
	if (n != 0)
		qsort(keys->deny, n, sizeof(*keys->deny), compare_fingerprints);
	return 0;
}

bool
policy_denies(const struct policy *p, const char *fp)
{
	return p->keys.ndeny != 0 &&
	    bsearch(fp, p->keys.deny, p->keys.ndeny, sizeof(*p->keys.deny),
		compare_fingerprints) != NULL;
}

int
doc_keys(struct doc *d, const struct place *at, json_t *value, void *out)
{
	static const struct doc_field fields[] = {
	    {"types", read_types, offsetof(struct policy_keys, types)},
	    {"rsa_min_bits", read_bits,
		offsetof(struct policy_keys, rsa_min_bits)},
	    {"max_age", read_age, offsetof(struct policy_keys, max_age_ms)},
	    {"deny", read_deny, 0},
	    {"require_member", read_bool,
		offsetof(struct policy_keys, require_member)},
	};

	return doc_object(
	    d, at, value, fields, sizeof(fields) / sizeof(fields[0]), out);
}
