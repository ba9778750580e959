/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/source.h"
#include "policy/document_in.h"
#include "policy/tags.h"

bool
policy_name_ok(const char *name, size_t len)
{
	return len != 0 && len < LIMIT_USER_NAME &&
	    words_printable(name, len) && memchr(name, '/', len) == NULL &&
	    memchr(name, ':', len) == NULL && memchr(name, '*', len) == NULL &&
	    name[0] != ' ' && name[len - 1] != ' ';
}

static int
read_source(struct doc *d, const struct place *at, json_t *value, void *out)
{
	enum source s =
	    source_by_name(json_string_value(value), json_string_length(value));

	if (s == SOURCE_COUNT)
		return doc_bad(d, at, false,
		    "%.80s is no source; there are "
		    "device, project, personal and metadata",
		    json_string_value(value));
	*(unsigned *)out |= SOURCE_BIT(s);
	return 0;
}

static int
read_sources(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return doc_strings(d, at, value, false, read_source, out);
}

static int
read_word(struct doc *d, const struct place *at, json_t *value, void *out)
{
	(void)at;
	if (words_add(
		out, json_string_value(value), json_string_length(value)) == -1)
		return doc_no_memory(d);
	return 0;
}

static int
read_words(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return doc_strings(d, at, value, false, read_word, out);
}

static int
read_owner(struct doc *d, const struct place *at, json_t *value, void *out)
{
	const char *p = json_string_value(value);

	for (; (p = strchr(p, '%')) != NULL; p += 2) {
		if (p[1] != 'u' && p[1] != '%')
			return doc_bad(d, at, false,
			    "behind a %% stands u, "
			    "for the account, or another %%");
	}
	return read_word(d, at, value, out);
}

static int
read_owners(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return doc_strings(d, at, value, false, read_owner, out);
}

/* Tags only narrow: a rule that asked for such a one would let whoever sets
 * it widen what his key opens. */
static int
read_tag(struct doc *d, const struct place *at, json_t *value, void *out)
{
	if (tags_is_narrowing(json_string_value(value)))
		return doc_bad(d, at, false,
		    "a tag user:, expires: or from: narrows what a key opens; "
		    "a rule can't ask for it");
	return read_word(d, at, value, out);
}

static int
read_tags(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return doc_strings(d, at, value, false, read_tag, out);
}

static int
read_options(struct doc *d, const struct place *at, json_t *value, void *out)
{
	struct error why;
	enum options_result r;

	if (!json_is_string(value))
		return doc_type(d, at, "a string", value);
	if (json_string_length(value) == 0)
		return doc_bad(d, at, false,
		    "is empty; leave it out for "
		    "none");
	r = options_parse(
	    out, json_string_value(value), json_string_length(value), &why);
	if (r == OPTIONS_NO_MEMORY)
		return doc_no_memory(d);
	if (r != OPTIONS_OK)
		return doc_bad(d, at, false, "%s", why.text);
	return 0;
}

static int
read_rule(struct doc *d, const struct place *at, json_t *value,
    struct policy_rule *rule)
{
	static const struct doc_field fields[] = {
	    {"sources", read_sources, offsetof(struct policy_rule, sources)},
	    {"owners", read_owners, offsetof(struct policy_rule, owners)},
	    {"tags", read_tags, offsetof(struct policy_rule, tags)},
	    {"roles", read_words, offsetof(struct policy_rule, roles)},
	    {"options", read_options, offsetof(struct policy_rule, options)},
	};

	if ((rule->name = strdup(at->name)) == NULL)
		return doc_no_memory(d);
	return doc_object(
	    d, at, value, fields, sizeof(fields) / sizeof(fields[0]), rule);
}

static int
compare_rules(const void *a, const void *b)
{
	const struct policy_rule *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
check_name(struct doc *d, const struct place *at, bool star)
{
	if (strcmp(at->name, "*") == 0) {
		if (star)
			return 0;
		return doc_bad(d, at, true, "* stands only under users");
	}
	if (!policy_name_ok(at->name, strlen(at->name)))
		return doc_bad(d, at, true,
		    "no local account or group has "
		    "such a name");
	return 0;
}

static int
read_rules(struct doc *d, const struct place *at, json_t *value, bool star,
    struct policy_rules *rules)
{
	struct place here = {.up = at};
	struct policy_rule *rule;
	json_t *member;

	if (!json_is_object(value))
		return doc_type(d, at, "an object", value);
	if (json_object_size(value) == 0)
		return 0;
	if (json_object_size(value) > LIMIT_RULES)
		return doc_bad(d, at, false, "more than %d rules", LIMIT_RULES);
	rules->v = calloc(json_object_size(value), sizeof(*rules->v));
	if (rules->v == NULL)
		return doc_no_memory(d);
	json_object_foreach(value, here.name, member)
	{
		if (check_name(d, &here, star) == -1)
			return -1;
		rule = &rules->v[rules->n++];
		options_init(&rule->options);
		if (read_rule(d, &here, member, rule) == -1)
			return -1;
		here.ordinal++;
	}
	qsort(rules->v, rules->n, sizeof(*rules->v), compare_rules);
	return 0;
}

int
doc_users(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return read_rules(d, at, value, true, out);
}

int
doc_groups(struct doc *d, const struct place *at, json_t *value, void *out)
{
	return read_rules(d, at, value, false, out);
}

const struct policy_rule *
policy_rule_named(const struct policy_rules *rules, const char *name)
{
	size_t low = 0, high = rules->n, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, rules->v[middle].name);
		if (order == 0)
			return &rules->v[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
