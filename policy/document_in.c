/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "policy/document_in.h"
#include "policy/position.h"
#include "policy/suggest.h"

#define DEPTH 8 /* of our documents, customdata around them included */
#define FIELDS 8 /* of an object, at most */
#define PATH 160 /* of a path, as it is shown */

/* Puts the way down to a place into steps and path; the steps' number. */
static size_t
way_down(const struct place *at, size_t steps[DEPTH], char path[PATH])
{
	size_t n, used;

	if (at == NULL) {
		path[0] = '\0';
		return 0;
	}
	n = way_down(at->up, steps, path);
	used = strlen(path);
	if (n == DEPTH)
		return n;
	if (at->name == NULL)
		(void)snprintf(path + used, PATH - used, "[%zu]", at->ordinal);
	else
		(void)snprintf(path + used, PATH - used, "%s%s",
		    used == 0 ? "" : ".", at->name);
	steps[n] = at->ordinal;
	return n + 1;
}

static int
say(struct doc *d, size_t offset, const char *path, const char *why)
{
	struct position p = position_at(d->text, d->len, offset);

	d->result = POLICY_INVALID;
	return error_set(d->err, "line %zu, column %zu: %s%s%s", p.line,
	    p.column, path, path[0] == '\0' ? "" : ": ", why);
}

int
doc_bad(
    struct doc *d, const struct place *at, bool at_name, const char *fmt, ...)
{
	size_t steps[DEPTH], n, offset;
	char path[PATH], why[ERROR_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	n = way_down(at, steps, path);
	(void)position_find(d->text, d->len, steps, n, at_name, &offset);
	return say(d, offset, path, why);
}

int
doc_bad_at(struct doc *d, size_t offset, const char *why)
{
	return say(d, offset, "", why);
}

int
doc_no_memory(struct doc *d)
{
	d->result = POLICY_NO_MEMORY;
	return error_set(d->err, "no memory");
}

int
doc_type(
    struct doc *d, const struct place *at, const char *want, const json_t *got)
{
	static const char *const names[] = {
	    [JSON_OBJECT] = "an object",
	    [JSON_ARRAY] = "a list",
	    [JSON_STRING] = "a string",
	    [JSON_INTEGER] = "a number",
	    [JSON_REAL] = "a fraction",
	    [JSON_TRUE] = "true",
	    [JSON_FALSE] = "false",
	    [JSON_NULL] = "null",
	};

	return doc_bad(
	    d, at, false, "needs %s, not %s", want, names[json_typeof(got)]);
}

int
doc_syntax(struct doc *d, const json_error_t *e)
{
	size_t offset = e->position < 0 ? 0 : (size_t)e->position;
	char path[PATH], why[sizeof(e->text) + 16];
	enum json_error_code code = json_error_code(e);

	/* It gives no reason at all where its lexer got no memory. */
	if (code == json_error_out_of_memory || code == json_error_unknown)
		return doc_no_memory(d);
	if (code == json_error_duplicate_key &&
	    position_path(d->text, d->len, offset, path, sizeof(path), &offset))
		return say(d, offset, path, "stands there twice");
	/* jansson stands behind what it stumbled on. */
	if (offset > 0 && code != json_error_premature_end_of_input)
		offset--;
	(void)snprintf(why, sizeof(why), "not JSON: %s", e->text);
	return say(d, offset, "", why);
}

static int
unknown_field(struct doc *d, const struct place *at,
    const struct doc_field *fields, size_t n)
{
	const char *names[FIELDS], *near;
	size_t i;

	for (i = 0; i < n && i < FIELDS; i++)
		names[i] = fields[i].name;
	near = suggest((struct span){at->name, strlen(at->name)}, names, i);
	if (near != NULL)
		return doc_bad(
		    d, at, true, "unknown field; did you mean %s?", near);
	return doc_bad(d, at, true, "unknown field");
}

int
doc_object(struct doc *d, const struct place *at, json_t *value,
    const struct doc_field *fields, size_t n, void *out)
{
	struct place here = {.up = at};
	json_t *member;
	size_t i;

	if (!json_is_object(value))
		return doc_type(d, at, "an object", value);
	json_object_foreach(value, here.name, member)
	{
		for (i = 0; i < n; i++) {
			if (strcmp(fields[i].name, here.name) == 0)
				break;
		}
		if (i == n)
			return unknown_field(d, &here, fields, n);
		if (fields[i].read(
			d, &here, member, (char *)out + fields[i].offset) == -1)
			return -1;
		here.ordinal++;
	}
	return 0;
}

static int
check_string(struct doc *d, const struct place *at, json_t *value)
{
	if (!json_is_string(value))
		return doc_type(d, at, "a string", value);
	if (json_string_length(value) == 0)
		return doc_bad(d, at, false, "is empty");
	if (json_string_length(value) > LIMIT_TEXT)
		return doc_bad(
		    d, at, false, "is longer than %d characters", LIMIT_TEXT);
	if (!words_printable(
		json_string_value(value), json_string_length(value)))
		return doc_bad(d, at, false, "holds a control character");
	return 0;
}

/* Strings that stand twice, found by an object of them. */
static int
check_once(struct doc *d, const struct place *at, json_t *seen, json_t *value)
{
	const char *s = json_string_value(value);

	if (json_object_get(seen, s) != NULL)
		return doc_bad(d, at, false, "%s stands there twice", s);
	if (json_object_set(seen, s, value) == -1)
		return doc_no_memory(d);
	return 0;
}

int
doc_strings(struct doc *d, const struct place *at, json_t *value,
    bool may_be_empty, doc_read read, void *out)
{
	struct place here = {.up = at};
	json_t *entry, *seen;
	int r = 0;

	if (!json_is_array(value))
		return doc_type(d, at, "a list", value);
	if (json_array_size(value) == 0 && !may_be_empty)
		return doc_bad(d, at, false,
		    "is empty, which no key "
		    "matches; leave it out for any");
	if ((seen = json_object()) == NULL)
		return doc_no_memory(d);
	json_array_foreach(value, here.ordinal, entry)
	{
		if ((r = check_string(d, &here, entry)) == -1 ||
		    (r = check_once(d, &here, seen, entry)) == -1 ||
		    (r = read(d, &here, entry, out)) == -1)
			break;
	}
	json_decref(seen);
	return r;
}
