/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "policy/document_in.h"

#define DOCUMENT_VERSION 1

static const struct policy nothing = {.keys = {.max_age_ms = POLICY_NO_AGE}};

static int
read_version(struct doc *d, const struct place *at, json_t *value, void *out)
{
	(void)out;
	if (!json_is_integer(value))
		return doc_type(d, at, "a number", value);
	if (json_integer_value(value) != DOCUMENT_VERSION)
		return doc_bad(d, at, false,
		    "unknown version; this program "
		    "knows version %d",
		    DOCUMENT_VERSION);
	return 0;
}

static int
read_document(
    struct doc *d, const struct place *at, json_t *value, struct policy *p)
{
	static const struct doc_field fields[] = {
	    {"version", read_version, 0},
	    {"keys", doc_keys, offsetof(struct policy, keys)},
	    {"users", doc_users, offsetof(struct policy, users)},
	    {"groups", doc_groups, offsetof(struct policy, groups)},
	};

	if (doc_object(d, at, value, fields, sizeof(fields) / sizeof(fields[0]),
		p) == -1)
		return -1;
	if (json_object_get(value, "version") == NULL)
		return doc_bad(
		    d, at, false, "needs \"version\": %d", DOCUMENT_VERSION);
	return 0;
}

/* The object's member, read as a document. */
static int
read_member(struct doc *d, const char *member, json_t *root, struct policy *p)
{
	struct place here = {0};
	json_t *value;

	if (!json_is_object(root))
		return doc_type(d, NULL, "an object", root);
	json_object_foreach(root, here.name, value)
	{
		if (strcmp(here.name, member) == 0)
			return read_document(d, &here, value, p);
		here.ordinal++;
	}
	d->result = POLICY_ABSENT;
	return error_set(d->err, "there is no %s", member);
}

/*
 * jansson's lexer doesn't look whether its buffer grew: without memory it may
 * lose characters of a string and go on, and a policy with other words in it
 * is another policy.  So its requests are watched while it reads.
 */
static json_malloc_t real_malloc;
static bool starved;

static void *
watched_malloc(size_t n)
{
	void *p = real_malloc(n);

	if (p == NULL)
		starved = true;
	return p;
}

/* As json_loadb; NULL too where any request for memory failed. */
static json_t *
load_watched(const struct doc *d, json_error_t *e)
{
	json_free_t real_free;
	json_t *root;

	json_get_alloc_funcs(&real_malloc, &real_free);
	starved = false;
	json_set_alloc_funcs(watched_malloc, real_free);
	root = json_loadb(d->text, d->len, JSON_REJECT_DUPLICATES, e);
	json_set_alloc_funcs(real_malloc, real_free);
	if (starved) {
		json_decref(root);
		return NULL;
	}
	return root;
}

/* The tree, or NULL with the reason. */
static json_t *
load(struct doc *d)
{
	/* Zero: json_loadb doesn't set the code in each case. */
	json_error_t e = {0};
	json_t *root;
	const char *nul = d->len == 0 ? NULL : memchr(d->text, '\0', d->len);

	if (d->len > LIMIT_POLICY_FILE) {
		d->result = POLICY_INVALID;
		(void)error_set(
		    d->err, "longer than %d bytes", LIMIT_POLICY_FILE);
		return NULL;
	}
	/* jansson passes over some of them. */
	if (nul != NULL) {
		(void)doc_bad_at(
		    d, (size_t)(nul - d->text), "not JSON: a NUL byte");
		return NULL;
	}
	root = load_watched(d, &e);
	if (root == NULL && starved)
		(void)doc_no_memory(d);
	else if (root == NULL)
		(void)doc_syntax(d, &e);
	return root;
}

static enum policy_result
parse(struct policy *p, const char *member, const char *text, size_t len,
    struct error *err)
{
	struct doc d = {text, len, err, POLICY_OK};
	json_t *root;
	int r;

	*p = nothing;
	if ((root = load(&d)) == NULL)
		return d.result;
	if (member == NULL)
		r = read_document(&d, NULL, root, p);
	else
		r = read_member(&d, member, root, p);
	json_decref(root);
	if (r == 0)
		return POLICY_OK;
	policy_free(p);
	return d.result;
}

enum policy_result
policy_parse(struct policy *p, const char *text, size_t len, struct error *err)
{
	return parse(p, NULL, text, len, err);
}

enum policy_result
policy_parse_member(struct policy *p, const char *member, const char *text,
    size_t len, struct error *err)
{
	return parse(p, member, text, len, err);
}

static void
free_rules(struct policy_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n; i++) {
		free(rules->v[i].name);
		words_free(&rules->v[i].owners);
		words_free(&rules->v[i].tags);
		words_free(&rules->v[i].roles);
		options_free(&rules->v[i].options);
	}
	free(rules->v);
}

void
policy_free(struct policy *p)
{
	free(p->keys.deny);
	free_rules(&p->users);
	free_rules(&p->groups);
	*p = nothing;
}

const struct policy_rule *
policy_user_rule(const struct policy *p, const char *user)
{
	const struct policy_rule *rule = policy_rule_named(&p->users, user);

	if (rule != NULL)
		/* An account that is called "*" is no account. */
		return strcmp(user, "*") == 0 ? NULL : rule;
	return strcmp(user, "root") == 0 ? NULL
					 : policy_rule_named(&p->users, "*");
}

static bool
rules_need_members(const struct policy_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n; i++) {
		if (rules->v[i].owners.n != 0 || rules->v[i].roles.n != 0)
			return true;
	}
	return false;
}

bool
policy_needs_members(const struct policy *p)
{
	return p->keys.require_member || rules_need_members(&p->users) ||
	    rules_need_members(&p->groups);
}
